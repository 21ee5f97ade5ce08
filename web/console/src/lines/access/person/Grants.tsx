import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { grantEnd } from '@/api/generated';
import type { AccountBody, GrantBody } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { Since } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Asked, useOnce } from '../deeds';
import { Seat, useDays, useWho } from '../seats';

/** Takes a role away from a day on. */
function TakeAway({ grant, close }: { grant: GrantBody; close: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [day, setDay] = useState(grant.since > about.today ? grant.since : about.today);
  const end = useOnce((body: { day: string }, once) => grantEnd(grant.id, body, once), close);
  return (
    <>
      <Since day={day} onDay={setDay} label={t('person.take_from')} quiet />
      {end.isError && <Refusal error={end.error} />}
      <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate({ day })} data-take>
        {t('person.take_go')}
      </button>
    </>
  );
}

/** From when to when a role holds, and who gave it. */
export function Terms({ grant }: { grant: GrantBody }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const told = useWho();
  const days = useDays();
  return (
    <span className="faint small">
      <span className="num keep">{days(grant.since, grant.until)}</span>
      {grant.since > about.today && ` · ${t('person.later')}`}
      {grant.giver && ` · ${t('person.giver', { who: told(grant.giver, grant.giver_name) })}`}
    </span>
  );
}

/** The way to take a role away. */
export function Take({ grant }: { grant: GrantBody }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <Asked name="take" open={t('person.take')} label={`${t('person.take')} ${word('seat', grant.role)}`}>
      {(close) => <TakeAway grant={grant} close={close} />}
    </Asked>
  );
}

/** The roles of an account, those that hold and those to come, each with who gave it and the way to take it away. */
export function Grants({ a, gives }: { a: AccountBody; gives: boolean }) {
  const { t } = useTranslation();
  if (a.grants.length === 0) return <p className="faint">{t('person.no_roles')}</p>;
  return (
    <ul className="grants">
      {a.grants.map((grant) => (
        <li key={grant.id} data-grant={grant.role}>
          <p>
            <Seat seat={grant} /> {grant.unit_code && <span className="faint num small">{grant.unit_code}</span>}
            <br />
            <Terms grant={grant} />
          </p>
          {gives && <Take grant={grant} />}
        </li>
      ))}
    </ul>
  );
}
