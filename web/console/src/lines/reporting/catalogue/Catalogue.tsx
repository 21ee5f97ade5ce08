// What is asked, and of whom: forms in their versions, the elements they are made of, and to which part of the tree each is given.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { assignmentList, catalogueRead, type Catalogue as Book } from '@/api/queries';
import type { AssignmentBody, Form } from '@/api/generated.schemas';
import { useAbout, useMayInWhole } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { useNamed } from '@/shared/names';
import { Nothing, Show } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Rules } from './Rules';
import { useClockText, useKindsText } from './words';
import '@/shared/deed.css';
import './catalogue.css';

const PARTS = ['forms', 'elements', 'assignments'] as const;
type Part = (typeof PARTS)[number];

function Forms({ book, may }: { book: Book; may: boolean }) {
  const { t } = useTranslation();
  const named = useNamed();
  const clock = useClockText();
  const codes = [...new Set(book.forms.map((f) => f.code))];
  if (codes.length === 0) return <Nothing>{t('catalogue.none')}</Nothing>;
  const element = (code: string) => {
    const found = book.elements.find((e) => e.code === code);
    return found ? named(found.names) : code;
  };
  return codes.map((code) => {
    const versions = book.forms.filter((f) => f.code === code).sort((a, b) => (b.version ?? 0) - (a.version ?? 0));
    const last = versions[0] as Form;
    return (
      <section key={code} className="card card-pad catalogue-form" data-form={code}>
        <h2>
          {named(last.names)} <span className="faint num">{code}</span>
        </h2>
        <p>{t('catalogue.clock', { asOf: clock(last.as_of_min), cutOff: clock(last.cut_off_min) })}</p>
        <p className="faint">{t(`figure.counting.${last.counting}`)}</p>
        {versions.map((v, i) => (
          <details key={v.version} open={i === 0}>
            <summary>
              {t('catalogue.version', { n: v.version, since: v.since })} {v.until && t('catalogue.until', { day: v.until })} · {t('catalogue.asks', { n: v.items.length })}
            </summary>
            <ol className="catalogue-items">
              {v.items.map((item) => (
                <li key={item.element}>
                  {element(item.element)}
                  {item.required && <span className="faint"> · {t('catalogue.required')}</span>}
                  {item.computed && (
                    <span className="faint">
                      {' '}
                      · {t('catalogue.computed')} <code>{item.computed}</code>
                    </span>
                  )}
                </li>
              ))}
            </ol>
            {v.rules && <Rules rules={v.rules} element={element} />}
          </details>
        ))}
        {may && (
          <p>
            <Link className="plain change-link" to={`/catalogue/form/${encodeURIComponent(code)}`}>{t('catalogue.new_version')}</Link>
          </p>
        )}
      </section>
    );
  });
}

function Elements({ book, may }: { book: Book; may: boolean }) {
  const { t } = useTranslation();
  const named = useNamed();
  const word = useWord();
  if (book.elements.length === 0) return <Nothing>{t('catalogue.none')}</Nothing>;
  return (
    <ul className="card catalogue-list change-rows">
      {book.elements.map((e) => (
        <li key={e.code} data-element={e.code}>
          <p>
            <b>{named(e.names)}</b> <span className="faint num">{e.code}</span> {e.until && <span className="mark-warn">◆ {t('catalogue.until', { day: e.until })}</span>}
          </p>
          <p className="faint">
            {t(`catalogue.type_of.${e.value_type.kind}`)}
            {e.unit && ` · ${word('unit', e.unit)}`}
            {(e.value_type.kind === 'integer' || e.value_type.kind === 'decimal') && (
              <>
                {' · '}
                {t('catalogue.over_units')} {t(`catalogue.over_units_of.${e.over_units}`)} · {t('catalogue.over_time')} {t(`catalogue.over_time_of.${e.over_time}`)}
              </>
            )}
          </p>
          {may && <Link className="plain change-link" to={`/catalogue/element/${encodeURIComponent(e.code)}`}>{t('catalogue.edit')}</Link>}
        </li>
      ))}
    </ul>
  );
}

function Given({ a, book, may }: { a: AssignmentBody; book: Book; may: boolean }) {
  const { t } = useTranslation();
  const named = useNamed();
  const kinds = useKindsText();
  const form = book.forms.filter((f) => f.code === a.form).at(-1);
  return (
    <li data-series={a.series}>
      <p>
        <b>{form ? named(form.names) : a.form}</b> · {t('catalogue.below', { unit: a.unit.name || a.unit.code, kinds: kinds(a.kinds) })}
      </p>
      <p className="faint">
        <span className="num">{a.since}</span> {a.until && (a.until === a.since ? <span className="mark-warn">◆ {t('catalogue.taken_back')}</span> : t('catalogue.until', { day: a.until }))}
        {a.changes.length > 0 && ` · ${t('catalogue.changed', { n: a.changes.length })}`}
      </p>
      {a.changes.map((c) => c.reason && (
        <p key={c.at} className="faint small">
          {c.at.slice(0, 10)} {c.reason}
        </p>
      ))}
      {may && <Link className="plain change-link" to={`/catalogue/assignment/${a.series}`}>{t('catalogue.edit')}</Link>}
    </li>
  );
}

function Assignments({ book, may }: { book: Book; may: boolean }) {
  const { t } = useTranslation();
  const query = useQuery(assignmentList());
  return (
    <Show query={query}>
      {(d) => {
        if (d.items.length === 0) return <Nothing>{t('catalogue.none')}</Nothing>;
        return (
          <ul className="card catalogue-list change-rows">
            {d.items.map((a) => (
              <Given key={a.series} a={a} book={book} may={may} />
            ))}
          </ul>
        );
      }}
    </Show>
  );
}

const SHOWN: Record<Part, (p: { book: Book; may: boolean }) => React.ReactNode> = { forms: Forms, elements: Elements, assignments: Assignments };
const NEW: Record<Part, [to: string, key: string]> = {
  forms: ['/catalogue/form', 'catalogue.new_form'],
  elements: ['/catalogue/element', 'catalogue.new_element'],
  assignments: ['/catalogue/assignment', 'catalogue.new_assignment'],
};

export default function Catalogue() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const may = useMayInWhole('form.set');
  const [params] = useAddress();
  const { state } = useLocation() as { state: { done?: boolean } | null };
  const query = useQuery(catalogueRead());
  const part = PARTS.find((p) => p === params.get('show')) ?? 'forms';
  const Shown = SHOWN[part];
  // Of whom forms are asked is told only to who stands at the top of the tree.
  const parts = PARTS.filter((p) => p !== 'assignments' || may);
  return (
    <main className="page page-narrow">
      <h1>{t('catalogue.title')}</h1>
      <p className="faint">{t('catalogue.sub')}</p>
      <nav className="change-kinds" aria-label={t('catalogue.show')}>
        {parts.map((p) => (
          <Link key={p} to={`?show=${p}`} replace aria-current={p === part ? 'page' : undefined} data-part={p}>
            {t(`catalogue.${p}`)}
          </Link>
        ))}
      </nav>
      {state?.done && (
        <p className="done" role="status" data-done>
          ● {t('change.done')}
        </p>
      )}
      {may && about.root !== '' && (
        <p className="catalogue-new">
          <Link className="act" to={NEW[part][0]} data-new>
            {t(NEW[part][1])}
          </Link>
        </p>
      )}
      <Show query={query}>{(book) => <Shown book={book} may={may} />}</Show>
    </main>
  );
}
