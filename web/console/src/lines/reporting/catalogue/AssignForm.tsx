// A form given to a part of the tree; and an assignment that ends, or is put right.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { getFormAssignUrl, getFormReassignUrl } from '@/api/generated';
import type { AssignmentBody, ReassignBody } from '@/api/generated.schemas';
import { assignmentList, type Catalogue } from '@/api/queries';
import { useAbout, useSession } from '@/shared/about';
import { Choice, Since, Text, Tickbox } from '@/shared/fields';
import { useNamed } from '@/shared/names';
import { Show } from '@/shared/State';
import { UnitPick, type Chosen } from '@/shared/UnitPick';
import { useWord } from '@/shared/word';
import { Editor } from './Editor';
import { CatalogueForm } from './CatalogueForm';
import { KINDS, useKindsText } from './words';

function Fields({ book, known, anew }: { book: Catalogue; known: AssignmentBody | undefined; anew: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const named = useNamed();
  const word = useWord();
  const kindsText = useKindsText();
  const names = new Map(book.forms.map((f) => [f.code, named(f.names)]));
  const [form, setForm] = useState(known?.form ?? [...names.keys()][0] ?? '');
  const [unit, setUnit] = useState<Chosen | null>(known?.unit ?? (session?.unit_code ? { code: session.unit_code, name: session.unit_name } : null));
  const [kinds, setKinds] = useState(known?.kinds ?? []);
  const [since, setSince] = useState(known?.since ?? about.today);
  const [until, setUntil] = useState<string | null>(known?.until ?? null);
  const [reason, setReason] = useState('');
  // Kinds of one's own that are there stay to be seen.
  const all = [...KINDS, ...kinds.filter((k) => !KINDS.includes(k))];
  const body = () => {
    if (!unit) return null;
    if (!known) return { form, unit: unit.code, kinds, since, until };
    const change: ReassignBody = {};
    if (unit.code !== known.unit.code) change.unit = unit.code;
    if (kinds.join() !== known.kinds.join()) change.kinds = kinds;
    if (since !== known.since) change.since = since;
    if (until !== (known.until ?? null)) change.until = until;
    if (Object.keys(change).length === 0) return null;
    return reason.trim() ? { ...change, reason: reason.trim() } : change;
  };
  const asked = body();
  const label = (field: string) => {
    const words: Record<string, string> = { form: 'catalogue.form', unit: 'catalogue.top', since: 'catalogue.since', until: 'catalogue.until_day', reason: 'catalogue.reason' };
    if (field.startsWith('kinds')) return t('catalogue.kinds');
    return words[field] ? t(words[field]) : field;
  };
  const below = unit ? t('catalogue.below', { unit: unit.name || unit.code, kinds: kindsText(kinds) }) : '';
  return (
    <CatalogueForm
      deed={asked && { method: known ? 'PATCH' : 'POST', url: (dry) => (known ? getFormReassignUrl(String(known.series), { dry_run: dry }) : getFormAssignUrl({ dry_run: dry })), body: asked, tag: book.etag }}
      says={[t('catalogue.says.given', { day: since, below, form: names.get(form) ?? form }), ...(until ? [until === since ? t('catalogue.taken_back') : t('catalogue.says.ends', { day: until })] : [])]}
      after="/catalogue?show=assignments"
      label={label}
      anew={anew}
    >
      {!known && <Choice name="form" label={t('catalogue.form')} value={form} onValue={setForm} options={[...names]} />}
      <UnitPick name="unit" label={t('catalogue.top')} day={since} chosen={unit} onChosen={setUnit} without={[]} />
      <fieldset className="change-new">
        <legend>{t('catalogue.kinds')}</legend>
        {all.map((k) => (
          <label key={k} className="catalogue-kind">
            <input type="checkbox" checked={kinds.includes(k)} onChange={(e) => setKinds((now) => (e.target.checked ? [...now, k] : now.filter((x) => x !== k)))} /> {word('kind', k)}
          </label>
        ))}
      </fieldset>
      <Since name="since" day={since} onDay={setSince} label={t('catalogue.since')} quiet />
      <Tickbox name="stop" label={t('catalogue.stop_assignment')} value={until !== null} onValue={(yes) => setUntil(yes ? about.today : null)} />
      {until !== null && <Since name="until" day={until} onDay={setUntil} label={t('catalogue.until_day')} quiet />}
      {known && <Text name="reason" label={t('catalogue.reason')} value={reason} onValue={setReason} hint={t('catalogue.reason_hint')} maxLength={400} />}
    </CatalogueForm>
  );
}

export default function AssignForm() {
  const { t } = useTranslation();
  const { series } = useParams();
  const query = useQuery(assignmentList());
  const title = () => {
    const known = query.data?.items.find((a) => String(a.series) === series);
    return known ? t('catalogue.edit_assignment', { name: known.unit.name || known.unit.code }) : t('catalogue.new_assignment');
  };
  return (
    <Editor part="assignments" title={title}>
      {(book, anew) => (
        <Show query={query}>
          {(d) => (
            <Fields
              key={series ?? ''}
              book={book}
              known={d.items.find((a) => String(a.series) === series)}
              anew={() => Promise.all([anew(), query.refetch()])}
            />
          )}
        </Show>
      )}
    </Editor>
  );
}
