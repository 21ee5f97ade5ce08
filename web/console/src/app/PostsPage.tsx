// A post, with the roles that it carries: posts are one line's, roles are another's.
import type { UnitBody } from '@/api/generated.schemas';
import { PostRoles } from '@/lines/access/granted/PostRoles';
import PostPage from '@/lines/org/post/PostPage';

const beside = (unit: UnitBody, post: string) => <PostRoles u={unit} post={post} />;

export default function PostsPage() {
  return <PostPage beside={beside} />;
}
