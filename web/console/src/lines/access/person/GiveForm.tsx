import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { grantGive } from '@/api/generated';
import type { AccountBody, GrantBodyDraft } from '@/api/generated.schemas';
import { useAbout, useMay } from '@/shared/about';
import { Since, Tickbox } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import { Asked, useOnce } from '../deeds';
import { RoleChoice } from '../RoleChoice';

/** What an account, or whoever holds a post, is given: a role, at a unit near where they are, from day to day. */
export function GiveFields({ to, home, close }: { to: { account: string } | { post: string }; home: Chosen | null; close: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  // Over the whole operation only who has the whole gives.
  const mayWhole = useMay('grant.give', []);
  const [role, setRole] = useState('');
  const [whole, setWhole] = useState(false);
  const [unit, setUnit] = useState<Chosen | null>(home);
  const [since, setSince] = useState(about.today);
  const [until, setUntil] = useState<string | null>(null);
  const give = useOnce((body: GrantBodyDraft, once) => grantGive(body, once), close);
  const lacking = role === '' || (!whole && unit === null);
  return (
    <form
      className="change-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!lacking && !give.isPending) give.mutate({ ...to, role, unit: whole ? null : unit?.code, since, until });
      }}
    >
      <RoleChoice value={role} onValue={setRole} none={t('person.choose')} />
      {mayWhole && <Tickbox name="whole" label={t('person.whole')} value={whole} onValue={setWhole} />}
      {!whole && <UnitPick name="unit" label={t('person.where')} day={about.today} chosen={unit} onChosen={setUnit} without={[]} />}
      <Since name="since" day={since} onDay={setSince} label={t('person.since')} quiet />
      <Tickbox name="ends" label={t('person.ends')} value={until !== null} onValue={(yes) => setUntil(yes ? dayjs(since).add(7, 'day').format('YYYY-MM-DD') : null)} />
      {until !== null && <Since name="until" day={until} onDay={setUntil} label={t('person.until')} quiet />}
      {give.isError && <Refusal error={give.error} />}
      <p className="change-go">
        <button type="submit" className="act" disabled={lacking || give.isPending} data-give>
          {t('person.give_go')}
        </button>
      </p>
    </form>
  );
}

/** Gives an account one more role. What the server refuses, and why, is said in its own sentence. */
export function GiveForm({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const home = a.unit_code === '' ? null : { code: a.unit_code, name: a.unit_name };
  return (
    <Asked name="give" open={t('person.give')}>
      {(close) => <GiveFields to={{ account: a.id }} home={home} close={close} />}
    </Asked>
  );
}
