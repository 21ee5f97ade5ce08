// The first list comes with a daily form, if one likes: said before, with all that it would ask.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { starterRead } from '@/api/generated';
import { useDayText } from '@/shared/format';
import { Show } from '@/shared/State';

/** Whether the ready-made form is given to all units of the list. */
export function StarterChoice({ give, onGive }: { give: boolean; onGive: (give: boolean) => void }) {
  const { t, i18n } = useTranslation();
  const dayText = useDayText();
  const starter = useQuery({ queryKey: ['starter', i18n.language], queryFn: ({ signal }) => starterRead({ signal }) });
  return (
    <Show query={starter}>
      {({ name, since, cut_off, items }) => (
        <section className="card card-pad start-form" data-starter={give}>
          <label>
            <input type="checkbox" checked={give} onChange={(e) => onGive(e.target.checked)} data-give />
            <strong>{t('start.give', { form: name })}</strong>
          </label>
          <p>{give ? t('start.give_yes', { count: items.length, day: dayText(since), time: cut_off }) : t('start.give_no')}</p>
          <details>
            <summary>{t('start.give_items', { count: items.length })}</summary>
            <ol>
              {items.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ol>
          </details>
        </section>
      )}
    </Show>
  );
}
