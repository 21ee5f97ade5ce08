// Fields of a change: plain HTML, with what was found wrong right below.
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { classList, unitList } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { DayPicker } from '@/shared/DayPicker';
import { useWord } from '@/shared/word';
import { useFindings } from './deed';

const KINDS = ['regulator', 'department', 'group', 'firm', 'site'];
const FOUND_MAX = 8;

type FieldProps = {
  /** The server's name of the field, at which it finds things wrong. */
  name: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  required?: boolean;
  maxLength?: number;
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

export function Text({ name, label, value, onValue, hint, required, maxLength = 200 }: FieldProps) {
  return (
    <Labelled name={name} label={label} hint={hint}>
      {(id, described, wrong) => (
        <input id={id} value={value} onChange={(e) => onValue(e.target.value)} required={required} maxLength={maxLength} aria-describedby={described} aria-invalid={wrong || undefined} autoComplete="off" />
      )}
    </Labelled>
  );
}

/** One of the product's kinds, or a code of one's own. */
export function Kind({ name, value, onValue, hint }: Omit<FieldProps, 'label'>) {
  const { t } = useTranslation();
  const word = useWord();
  const [own, setOwn] = useState(value !== '' && !KINDS.includes(value));
  return (
    <>
      <Labelled name={own ? '' : name} label={t('change.field.kind')} hint={own ? undefined : hint}>
        {(id, described, wrong) => (
          <select
            id={id}
            value={own ? '*' : value}
            aria-describedby={described}
            aria-invalid={wrong || undefined}
            onChange={(e) => {
              setOwn(e.target.value === '*');
              onValue(e.target.value === '*' ? '' : e.target.value);
            }}
          >
            {value === '' && !own && <option value="">{t('change.choose')}</option>}
            {KINDS.map((k) => (
              <option key={k} value={k}>
                {word('kind', k)}
              </option>
            ))}
            <option value="*">{t('change.field.kind_own')}</option>
          </select>
        )}
      </Labelled>
      {own && <Text name={name} label={t('change.field.kind_own')} value={value} onValue={onValue} hint={hint ?? t('change.hint.kind_own')} maxLength={32} />}
    </>
  );
}

/** The day from which a change holds, and what it means that this day is past or yet to come. */
export function Since({ day, onDay, label }: { day: string; onDay: (day: string) => void; label?: string }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const found = useFindings('day');
  return (
    <div className="field" data-field="day">
      <span className="field-name">{label ?? t('change.since')}</span>
      <DayPicker day={day} onDay={onDay} />
      <p className="small">
        {found.map((f) => (
          <span key={f.code} className="mark-bad field-wrong">
            ▲ {f.message}
          </span>
        ))}
        {day < about.today && <span className="mark-warn">◆ {t('change.past')}</span>}
        {day > about.today && <span className="faint">{t('change.future')}</span>}
      </p>
    </div>
  );
}

export type Chosen = { code: string; name: string };

/** Finds a unit by its name or code. */
export function UnitPick({ name, label, day, chosen, onChosen, without }: { name: string; label: string; day: string; chosen: Chosen | null; onChosen: (unit: Chosen | null) => void; without: string[] }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const text = words.trim();
  const found = useQuery({ ...unitList({ q: text, day, limit: FOUND_MAX + without.length }), enabled: text !== '' && chosen === null });
  const items = found.data?.items.filter((u) => !without.includes(u.code)).slice(0, FOUND_MAX) ?? [];
  if (chosen) {
    return (
      <Labelled name={name} label={label}>
        {(id, described) => (
          <p className="change-chosen" aria-describedby={described}>
            <span>
              <b>{chosen.name}</b> <span className="faint num">{chosen.code}</span>
            </span>
            <button id={id} type="button" className="plain" onClick={() => onChosen(null)}>
              {t('change.pick_again')}
            </button>
          </p>
        )}
      </Labelled>
    );
  }
  return (
    <Labelled name={name} label={label} hint={text !== '' && found.data && items.length === 0 ? t('change.pick_none') : undefined}>
      {(id, described, wrong) => (
        <>
          <input id={id} type="search" value={words} placeholder={t('change.pick')} maxLength={100} autoComplete="off" aria-describedby={described} aria-invalid={wrong || undefined} onChange={(e) => setWords(e.target.value)} />
          {text !== '' && items.length > 0 && (
            <ul className="change-found">
              {items.map((u) => (
                <li key={u.code}>
                  <button
                    type="button"
                    onClick={() => {
                      setWords('');
                      onChosen({ code: u.code, name: u.name });
                    }}
                  >
                    {u.name} <span className="faint small">{u.path.slice(1, -1).map((p) => p.name).join(' / ') || u.code}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Labelled>
  );
}

/** What may be written for classes: those there are, by name. */
export function useClassHint(): string {
  const { t } = useTranslation();
  const classes = useQuery(classList()).data?.items ?? [];
  if (classes.length === 0) return t('change.hint.classes_none');
  const list = classes.slice(0, 12).map((c) => (c.name === c.code ? c.code : `${c.code} ${c.name}`));
  return t('change.hint.classes', { list: list.join(t('list.comma')) });
}
