import { useSession } from '@/shared/about';

/** What somebody may do for another who decided it, and has a page for. A clerk who only reports does that with their own hand. */
const ACTED = ['unit.change', 'party.create', 'party.change', 'form.set', 'brief.freeze', 'notice.import', 'account.set', 'grant.give', 'link.issue', 'finding.file', 'finding.answer'];

export function useMayAct(): boolean {
  return useSession()?.permissions.some((may) => ACTED.includes(may)) ?? false;
}
