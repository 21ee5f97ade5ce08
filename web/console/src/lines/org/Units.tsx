// The tree as it stands on a day, and one unit of it with all that is known and when it changed.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useParams } from 'react-router';
import { getUnitsExportUrl } from '@/api/generated';
import type { UnitBody } from '@/api/generated.schemas';
import { unitList } from '@/api/queries';
import { useAbout, useAt, useMay, useOwnUnit } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { DayPicker } from '@/shared/DayPicker';
import { Nothing, Show } from '@/shared/State';
import { UnitPage } from './UnitPage';
import { UnitTree } from './UnitTree';
import './units.css';

function Found({ text, day }: { text: string; day: string }) {
  const { t } = useTranslation();
  const query = useQuery(unitList({ q: text, day, limit: 50 }));
  return (
    <Show query={query}>
      {(d) =>
        d.items.length === 0 ? (
          <Nothing>{t('units.not_found')}</Nothing>
        ) : (
          <ul className="unit-found">
            {d.items.map((u) => (
              <li key={u.code}>
                <Link to={`/units/${encodeURIComponent(u.code)}?day=${day}`}>
                  {u.name}
                  <span className="faint small">{u.path.slice(1, -1).map((p) => p.name).join(' / ')}</span>
                </Link>
              </li>
            ))}
          </ul>
        )
      }
    </Show>
  );
}

/** `beside`: what another line says of the unit that is open. */
export default function Units({ beside }: { beside?: (unit: UnitBody) => React.ReactNode }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const own = useOwnUnit('unit.read');
  const imports = useMay('unit.change');
  const reads = useMay('figure.read');
  const at = useAt();
  const { code } = useParams();
  const [, change] = useAddress();
  const { state } = useLocation() as { state: unknown };
  const [text, setText] = useState('');
  const navigate = useNavigate();
  const open = (c: string) => void navigate(`/units/${encodeURIComponent(c)}?day=${at.day}`);
  return (
    <main className={code ? 'page units units-open' : 'page units'}>
      <aside className="card units-tree">
        <div className="units-tools">
          <DayPicker day={at.day} onDay={(day) => change({ day })} />
          <input type="search" value={text} placeholder={t('units.search')} aria-label={t('units.search')} maxLength={100} onChange={(e) => setText(e.target.value)} />
        </div>
        <p className="units-files small">
          {about.login !== 'demo' && imports && (
            <>
              <Link to="/start">{t('units.import')}</Link>
              <Link to="/units/book" data-book>
                {t('units.book')}
              </Link>
            </>
          )}
          {reads && (
            <>
              <Link to="/parties" data-parties>
                {t('parties.title')}
              </Link>
              <a href={getUnitsExportUrl({ format: 'xlsx', day: at.day })}>{t('units.export')}</a>
            </>
          )}
        </p>
        {text.trim() ? <Found text={text.trim()} day={at.day} /> : <UnitTree root={own} day={at.day} chosen={code} onChoose={open} />}
      </aside>
      <section className="units-one">
        {code && (
          <Link className="units-back" to={`/units?day=${at.day}`}>
            ‹ {t('nav.units')}
          </Link>
        )}
        {(state as { done?: boolean } | null)?.done && (
          <p className="units-done" role="status" data-done>
            ● {t('change.done')}
          </p>
        )}
        <UnitPage key={`${code ?? own}${at.day}`} code={code ?? own} day={at.day} beside={beside} />
      </section>
    </main>
  );
}
