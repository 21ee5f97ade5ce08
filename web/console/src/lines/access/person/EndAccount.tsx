import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountEnd } from '@/api/generated';
import type { AccountBody } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { Since } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { Asked, useOnce } from '../deeds';

function Fields({ a, close }: { a: AccountBody; close: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [day, setDay] = useState(about.today);
  const end = useOnce((body: { day: string }, once) => accountEnd(a.id, body, once), close);
  return (
    <>
      <Since day={day} onDay={setDay} label={t('person.end_from')} quiet />
      {end.isError && <Refusal error={end.error} />}
      <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate({ day })} data-end>
        {t('person.end_go', { name: a.name ?? '' })}
      </button>
    </>
  );
}

/** Ends an account from a day on. */
export function EndAccount({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  return (
    <section className="card card-pad" data-ending>
      <h2>{t('person.end')}</h2>
      <p className="faint">{t('person.end_about')}</p>
      <Asked name="end" open={`${t('person.end')}…`}>
        {(close) => <Fields a={a} close={close} />}
      </Asked>
    </section>
  );
}
