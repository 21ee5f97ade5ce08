import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAbout } from '@/shared/about';
import { Choice, Labelled, Tickbox } from '@/shared/fields';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import type { Wanted } from './types';
import { useForms } from './useForms';

const DAYS_MAX = 180;

/** Of whom, for what, how long; then what it means, and only then it is done. */
export function IssueForm({ first, onUnit, onIssue }: { first: Wanted; onUnit: (unit: Chosen) => void; onIssue: (wanted: Wanted) => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const open = useForms();
  const [under, setUnder] = useState<Chosen | null>(first.under);
  const [alone, setAlone] = useState(first.alone);
  const [form, setForm] = useState(first.form);
  const [days, setDays] = useState(String(first.days));
  const [pin, setPin] = useState(first.pin);
  const [asking, setAsking] = useState(false);
  const n = Number(days);
  const wrong = !/^\d+$/.test(days) || n < 1 || n > DAYS_MAX;
  // What is touched after it was asked is asked again.
  const touch = <T,>(set: (value: T) => void) => (value: T) => {
    setAsking(false);
    set(value);
  };
  return (
    <form
      className="card card-pad change-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (under && !wrong) setAsking(true);
      }}
      data-issue-form
    >
      <UnitPick
        name="under"
        label={t('links.under')}
        day={about.today}
        chosen={under}
        onChosen={touch((unit: Chosen | null) => {
          setUnder(unit);
          if (unit) onUnit(unit);
        })}
        without={[]}
      />
      <Tickbox name="alone" label={t('links.alone')} value={alone} onValue={touch(setAlone)} />
      {open.length > 1 && <Choice name="form" label={t('links.form')} value={form} onValue={touch(setForm)} options={open} />}
      <Labelled name="days" label={t('links.days')} hint={t('links.days_sub', { max: DAYS_MAX })}>
        {(id, described) => <input id={id} inputMode="numeric" autoComplete="off" value={days} maxLength={3} aria-describedby={described} aria-invalid={wrong || undefined} onChange={(e) => touch(setDays)(e.target.value)} />}
      </Labelled>
      <Tickbox name="pin" label={t('links.pin')} value={pin} onValue={touch(setPin)} />
      {!pin && <p className="mark-warn links-wrap">◆ {t('links.pin_none')}</p>}
      {!asking && (
        <p className="change-go">
          <button type="submit" className="act" disabled={under === null || wrong} data-issue>
            {t('links.issue')}
          </button>
        </p>
      )}
      {asking && under && (
        <section className="change-preview" aria-live="polite" data-sure>
          <p className="mark-warn links-wrap">◆ {t(alone ? 'links.sure_alone' : 'links.sure', { unit: under.name })}</p>
          <p className="faint">{t('links.sure_once')}</p>
          <p className="change-go">
            <button type="button" className="act" onClick={() => onIssue({ under, alone, form, days: n, pin })} data-do>
              {t('links.go')}
            </button>
            <button type="button" className="plain" onClick={() => setAsking(false)}>
              {t('person.leave')}
            </button>
          </p>
        </section>
      )}
    </form>
  );
}
