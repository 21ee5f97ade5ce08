// Fields of a form: plain HTML, with what was found wrong right below.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useAbout } from './about';
import { DayPicker } from './DayPicker';
import { useFindings } from './deed';

export type FieldProps = {
  /** The server's name of the field, at which it finds things wrong. */
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  required?: boolean;
  maxLength?: number;
  /** Which keys a phone shows. */
  kind?: 'text' | 'tel';
};

/** The name of a field, its control, and what was found wrong with it. */
export function Labelled({ name, label, hint, children }: { name: string; label: string; hint?: string; children: (id: string, described: string | undefined, wrong: boolean) => React.ReactNode }) {
  const id = useId();
  const found = useFindings(name);
  const said = hint !== undefined || found.length > 0;
  return (
    <div className="field" data-field={name}>
      <label htmlFor={id}>{label}</label>
      {children(id, said ? `${id}-said` : undefined, found.length > 0)}
      {said && (
        <p id={`${id}-said`} className="small">
          {found.map((f) => (
            <span key={f.code} className="mark-bad field-wrong">
              ▲ {f.message}
            </span>
          ))}
          {hint && <span className="faint">{hint}</span>}
        </p>
      )}
    </div>
  );
}

export function Text({ name, label, value, onValue, hint, required, maxLength = 200, kind = 'text' }: FieldProps) {
  return (
    <Labelled name={name} label={label} hint={hint}>
      {(id, described, wrong) => (
        <input id={id} type={kind} value={value} onChange={(e) => onValue(e.target.value)} required={required} maxLength={maxLength} aria-describedby={described} aria-invalid={wrong || undefined} autoComplete="off" />
      )}
    </Labelled>
  );
}

/** The day from which a change holds, and what it means that this day is past or yet to come. */
export function Since({ name = 'day', day, onDay, label, quiet }: { name?: string; day: string; onDay: (day: string) => void; label?: string; quiet?: boolean }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const found = useFindings(name);
  return (
    <div className="field" data-field={name}>
      <span className="field-name">{label ?? t('change.since')}</span>
      <DayPicker day={day} onDay={onDay} />
      <p className="small">
        {found.map((f) => (
          <span key={f.code} className="mark-bad field-wrong">
            ▲ {f.message}
          </span>
        ))}
        {!quiet && day < about.today && <span className="mark-warn">◆ {t('change.past')}</span>}
        {!quiet && day > about.today && <span className="faint">{t('change.future')}</span>}
      </p>
    </div>
  );
}

/** A choice among a few codes, each with its word. */
export function Choice({ name, label, value, onValue, options, hint, disabled }: Omit<FieldProps, 'required' | 'maxLength' | 'kind'> & { options: [code: string, word: string][]; disabled?: boolean }) {
  return (
    <Labelled name={name} label={label} hint={hint}>
      {(id, described, wrong) => (
        <select id={id} value={value} disabled={disabled} onChange={(e) => onValue(e.target.value)} aria-describedby={described} aria-invalid={wrong || undefined}>
          {options.map(([code, word]) => (
            <option key={code} value={code}>
              {word}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** Yes or no: the box stands before its words, and a touch of either ticks it. */
export function Tickbox({ name, label, value, onValue }: { name: string; label: string; value: boolean; onValue: (value: boolean) => void }) {
  const found = useFindings(name);
  const id = useId();
  return (
    <div className="field" data-field={name}>
      <label className="tick-field">
        <input type="checkbox" checked={value} onChange={(e) => onValue(e.target.checked)} aria-describedby={found.length > 0 ? id : undefined} />
        {label}
      </label>
      {found.length > 0 && (
        <p id={id} className="small">
          {found.map((f) => (
            <span key={f.code} className="mark-bad field-wrong">
              ▲ {f.message}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}
