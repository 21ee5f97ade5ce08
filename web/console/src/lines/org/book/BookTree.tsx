import { useTranslation } from 'react-i18next';
import type { BookLook } from '@/api/generated.schemas';
import { count } from '@/shared/format';
import { useWord } from '@/shared/word';

type Props = { look: BookLook; kinds: string[]; onKinds: (kinds: string[]) => void };

/** The tree as it would be, with the counts of its levels. */
export function BookTree({ look, kinds, onKinds }: Props) {
  const { t } = useTranslation();
  const word = useWord();
  const choices = ['regulator', 'department', 'group', 'firm', 'site'];
  const least = Math.min(...look.tree.map((u) => u.depth), 1);
  return (
    <section className="card book-tree" aria-label={t('book.tree')} data-tree>
      <dl className="start-counts">
        {([['units', look.units], ['added', look.added], ['refused', look.refused], ['phones', look.phones]] as const).map(([key, n]) => (
          <div key={key} className={key === 'refused' && n > 0 ? 'red' : undefined} data-count={key}>
            <dt>{t(`book.n_${key}`)}</dt>
            <dd className="num">{count(n)}</dd>
          </div>
        ))}
      </dl>
      <ul className="book-levels">
        {look.levels.map((l, at) => (
          <li key={l.depth} data-level={l.depth}>
            <i className={`book-dot book-level-${Math.min(l.depth, 4)}`} aria-hidden="true" />
            <span className="num">{t('book.level_count', { n: l.depth, units: count(l.count) })}</span>
            <select value={l.kind} aria-label={t('book.kind_of', { n: l.depth })} onChange={(e) => onKinds(look.levels.map((k, i) => (i === at ? e.target.value : (kinds[i] ?? k.kind))))}>
              {(choices.includes(l.kind) ? choices : [...choices, l.kind]).map((k) => (
                <option key={k} value={k}>
                  {word('kind', k)}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
      <ol className="book-units">
        {look.tree.map((u) => (
          <li key={u.code} style={{ paddingInlineStart: `${(u.depth - least) * 18}px` }} data-unit={u.code}>
            <i className={`book-dot book-level-${Math.min(u.depth, 4)}`} aria-hidden="true" />
            <span>{u.name}</span> <span className="faint num small">{u.code}</span>
            {u.known && <span className="small faint"> {t('book.known')}</span>}
            {u.phone && <span className="small"> {t('book.has_phone')}</span>}
          </li>
        ))}
      </ol>
      {look.units > look.tree.length && <p className="card-pad faint">{t('book.tree_more', { n: count(look.units - look.tree.length) })}</p>}
    </section>
  );
}
