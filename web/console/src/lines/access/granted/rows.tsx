// Roles as a unit or a post has them: which, of whom, since when, given by whom.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { GrantBody } from '@/api/generated.schemas';
import { useMay } from '@/shared/about';
import { useWord } from '@/shared/word';
import { Take, Terms } from '../person/Grants';
import { useWho } from '../seats';

/** Who has it: an account, whoever holds a post, or somebody beyond the reader's part. */
function Whose({ grant }: { grant: GrantBody }) {
  const { t } = useTranslation();
  const told = useWho();
  const people = useMay('account.read');
  if (grant.post) {
    const [unit = ''] = grant.post.split('/');
    return (
      <>
        <Link to={`/units/${encodeURIComponent(unit)}`}>{grant.post_name || grant.post}</Link> <span className="faint num small">{grant.post}</span>{' '}
        {grant.post_holder ? told(grant.post_holder, grant.post_holder_name) : <span className="faint">{t('granted.vacant')}</span>}
      </>
    );
  }
  if (!grant.account || !grant.account_name) return <span className="faint">{t('granted.beyond')}</span>;
  const name = told(`account:${grant.account}`, grant.account_name);
  return people ? <Link to={`/people/${encodeURIComponent(grant.account)}`}>{name}</Link> : name;
}

export function Rows({ grants, at, whose, gives }: { grants: GrantBody[]; at: boolean; whose: boolean; gives: boolean }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <ul className="grants">
      {grants.map((grant) => (
        <li key={grant.id} data-granted={grant.role} data-at={grant.unit_code}>
          <p>
            <span className="seat">
              <b>{word('seat', grant.role)}</b>
            </span>{' '}
            {whose && <Whose grant={grant} />} {at && <span>{grant.unit_code === '' ? t('people.whole') : t('granted.at', { unit: grant.unit_name })}</span>}
            <br />
            <Terms grant={grant} />
          </p>
          {gives && <Take grant={grant} />}
        </li>
      ))}
    </ul>
  );
}
