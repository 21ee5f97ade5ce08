import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { unitList } from '@/api/queries';
import { Labelled } from './fields';

const FOUND_MAX = 8;

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
