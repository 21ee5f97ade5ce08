// What is kept of persons: what for, on what legal basis, until when; and the day on which the operation ends for them.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { privacyEnd, privacySet } from '@/api/generated';
import type { PrivacyBody, PrivacyField } from '@/api/generated.schemas';
import { privacyRead } from '@/api/queries';
import { Asked, useOnce } from '../deeds';
import { useAbout, useMay } from '@/shared/about';
import { Since, Text } from '@/shared/fields';
import { Refusal, Show } from '@/shared/State';
import '@/shared/deed.css';
import '../people.css';
import './privacy.css';

function Change({ field, close }: { field: PrivacyField; close: () => void }) {
  const { t } = useTranslation();
  const [basis, setBasis] = useState(field.basis_own ? field.basis : '');
  const [days, setDays] = useState(String(field.keep_days ?? ''));
  const settable = field.keep_days !== null && field.keep_days !== undefined;
  const set = useOnce((body: { basis: string; keep_days?: number }, once) => privacySet(field.field, body, once), close);
  const whole = /^\d{1,4}$/.test(days);
  return (
    <>
      <Text name="basis" label={t('privacy.basis_own')} value={basis} onValue={setBasis} maxLength={300} />
      {settable && <Text name="keep_days" label={t('privacy.keep_days')} value={days} onValue={setDays} kind="tel" maxLength={4} />}
      {set.isError && <Refusal error={set.error} />}
      <button
        type="button"
        className="act"
        disabled={(settable && !whole) || set.isPending}
        onClick={() => set.mutate(settable ? { basis, keep_days: Number(days) } : { basis })}
        data-privacy-set
      >
        {t('privacy.set')}
      </button>
    </>
  );
}

function Field({ field, sets }: { field: PrivacyField; sets: boolean }) {
  const { t } = useTranslation();
  const rows: [string, string][] = [
    [t('privacy.purpose'), field.purpose],
    [t('privacy.basis'), field.basis],
    [t('privacy.until'), field.until],
    [t('privacy.kept'), t(`privacy.kept_${field.kept}`)],
  ];
  return (
    <section className="card card-pad" data-privacy={field.field}>
      <h2>{field.name}</h2>
      <dl className="privacy-facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {sets && (
        <Asked name={field.field} open={`${t('privacy.change')}…`}>
          {(close) => <Change field={field} close={close} />}
        </Asked>
      )}
    </section>
  );
}

function Ending({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [day, setDay] = useState(about.today);
  const [reason, setReason] = useState('');
  const end = useOnce((body: { day: string; reason: string }, once) => privacyEnd(body, once), close);
  return (
    <>
      <Since day={day} onDay={setDay} label={t('privacy.end_day')} quiet />
      <Text name="reason" label={t('privacy.end_reason')} value={reason} onValue={setReason} maxLength={300} />
      {end.isError && <Refusal error={end.error} />}
      <button type="button" className="act" disabled={reason.trim() === '' || end.isPending} onClick={() => end.mutate({ day, reason })} data-privacy-end>
        {t('privacy.end_go')}
      </button>
    </>
  );
}

function End({ ends, sets }: { ends: PrivacyBody['ends']; sets: boolean }) {
  const { t } = useTranslation();
  return (
    <section className="card card-pad" data-privacy-ends>
      <h2>{t('privacy.end')}</h2>
      {ends ? (
        <p>
          {t('privacy.ends', { day: ends.day, until: ends.telephones_until })}
          <br />
          <span className="faint">{ends.reason}</span>
        </p>
      ) : (
        <p className="faint">{t('privacy.end_none')}</p>
      )}
      {sets && (
        <Asked name="end" open={`${t(ends ? 'privacy.end_anew' : 'privacy.end_set')}…`}>
          {(close) => <Ending close={close} />}
        </Asked>
      )}
    </section>
  );
}

export default function Privacy() {
  const { t } = useTranslation();
  const sets = useMay('privacy.set');
  const query = useQuery(privacyRead());
  return (
    <main className="page page-narrow person privacy">
      <h1>{t('privacy.title')}</h1>
      <p className="faint privacy-sub">{t('privacy.sub')}</p>
      <Show query={query}>
        {(d) => (
          <>
            <End ends={d.ends} sets={sets} />
            {d.items.map((field) => (
              <Field key={field.field} field={field} sets={sets} />
            ))}
          </>
        )}
      </Show>
    </main>
  );
}
