// A form, or its next version: which elements in which order, until when they are reported, and which total counts.
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { getFormSetUrl } from '@/api/generated';
import type { Counting, Form, Item } from '@/api/generated.schemas';
import type { Catalogue } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { useFindings } from '@/shared/deed';
import { Choice, Labelled, Since, Text } from '@/shared/fields';
import { useNamed } from '@/shared/names';
import { Editor } from './Editor';
import { CatalogueForm } from './CatalogueForm';
import { clockOf, useClockText } from './words';

const COUNTING: Counting[] = ['parts', 'parts_when_complete', 'stated'];

/** An instant in minutes after midnight of the day, as a time and which day it falls on. */
function Clock({ name, label, value, onValue, hint, disabled }: { name: string; label: string; value: number; onValue: (min: number) => void; hint?: string; disabled?: boolean }) {
  const { t } = useTranslation();
  const [time, next] = clockOf(value);
  const set = (text: string, later: boolean) => {
    const [h, m] = text.split(':').map(Number);
    if (h !== undefined && m !== undefined && !Number.isNaN(h + m)) onValue(h * 60 + m + (later ? 1440 : 0));
  };
  return (
    <Labelled name={name} label={label} hint={hint}>
      {(id, described, wrong) => (
        <span className="catalogue-clock">
          <input id={id} type="time" value={time} disabled={disabled} onChange={(e) => set(e.target.value, next)} aria-describedby={described} aria-invalid={wrong || undefined} />
          <select aria-label={`${label} ${t('catalogue.which_day')}`} value={next ? 'next' : 'same'} disabled={disabled} onChange={(e) => set(time, e.target.value === 'next')}>
            <option value="same">{t('catalogue.same_day')}</option>
            <option value="next">{t('catalogue.next_day')}</option>
          </select>
        </span>
      )}
    </Labelled>
  );
}

const whole = (text: string): number | null => (/^-?\d+$/.test(text.trim()) ? Number(text) : null);

function ItemRow({ item, at, last, name, kind, onItem, onMove, onRemove }: { item: Item; at: number; last: boolean; name: string; kind: string; onItem: (i: Item) => void; onMove: (by: number) => void; onRemove: () => void }) {
  const { t } = useTranslation();
  const found = [...useFindings(`items[${at}].element`), ...useFindings(`items[${at}].computed`)];
  const number = (n: number | null | undefined) => (n === null || n === undefined ? '' : String(n));
  return (
    <li data-item={item.element}>
      <b>{name}</b>
      {item.computed && (
        <span className="faint">
          {t('catalogue.computed')} <code>{item.computed}</code>
        </span>
      )}
      <span className="catalogue-item-tools">
        {kind !== 'rate' && (
          <label>
            <input type="checkbox" checked={item.required ?? false} onChange={(e) => onItem({ ...item, required: e.target.checked })} /> {t('catalogue.required')}
          </label>
        )}
        {(kind === 'integer' || kind === 'decimal') && (
          <>
            <label>
              {t('catalogue.min')} <input inputMode="numeric" value={number(item.min)} maxLength={16} onChange={(e) => onItem({ ...item, min: whole(e.target.value) })} />
            </label>
            <label>
              {t('catalogue.max')} <input inputMode="numeric" value={number(item.max)} maxLength={16} onChange={(e) => onItem({ ...item, max: whole(e.target.value) })} />
            </label>
          </>
        )}
        <button type="button" className="plain" disabled={at === 0} onClick={() => onMove(-1)} aria-label={`${t('catalogue.up')} ${name}`}>
          ↑
        </button>
        <button type="button" className="plain" disabled={last} onClick={() => onMove(1)} aria-label={`${t('catalogue.down')} ${name}`}>
          ↓
        </button>
        <button type="button" className="plain" onClick={onRemove} aria-label={`${t('catalogue.remove')} ${name}`}>
          {t('catalogue.remove')}
        </button>
      </span>
      {found.map((f) => (
        <p key={f.code} className="mark-bad">
          ▲ {f.message}
        </p>
      ))}
    </li>
  );
}

function Fields({ book, last, anew }: { book: Catalogue; last: Form | undefined; anew: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const named = useNamed();
  const clock = useClockText();
  const tomorrow = dayjs(about.today).add(1, 'day').format('YYYY-MM-DD');
  const [code, setCode] = useState(last?.code ?? '');
  const [hans, setHans] = useState(last?.names['zh-Hans'] ?? '');
  const [hant, setHant] = useState(last?.names['zh-Hant'] ?? '');
  const [en, setEn] = useState(last?.names.en ?? '');
  const [items, setItems] = useState<Item[]>(last?.items ?? []);
  const [counting, setCounting] = useState<Counting>(last?.counting ?? 'parts');
  const [asOf, setAsOf] = useState(last?.as_of_min ?? 720);
  const [cutOff, setCutOff] = useState(last?.cut_off_min ?? 900);
  // A version never changes a day that is under way.
  const [since, setSince] = useState(last ? tomorrow : about.today);
  const name = (element: string) => {
    const found = book.elements.find((e) => e.code === element);
    return found ? named(found.names) : element;
  };
  const list = (all: Item[]) => all.map((i) => name(i.element)).join(t('list.comma'));
  const has = (all: Item[], item: Item) => all.some((i) => i.element === item.element);
  const addedItems = items.filter((i) => !has(last?.items ?? [], i));
  const dropped = (last?.items ?? []).filter((i) => !has(items, i));
  const left = book.elements.filter((e) => !e.until && !items.some((i) => i.element === e.code));
  const move = (at: number, by: number) =>
    setItems((all) => {
      const next = [...all];
      const [one] = next.splice(at, 1);
      if (one) next.splice(at + by, 0, one);
      return next;
    });
  const body: Form = { code: code.trim(), names: { 'zh-Hans': hans.trim(), 'zh-Hant': hant.trim(), en: en.trim() }, items, counting, as_of_min: asOf, cut_off_min: cutOff, since, ...(last?.afterwards ? { afterwards: true } : {}), ...(last?.rules ? { rules: last.rules } : {}) };
  const label = (field: string) => {
    const at = /^items\[(\d+)\]/.exec(field)?.[1];
    if (at !== undefined) return name(items[Number(at)]?.element ?? '');
    const words: Record<string, string> = { code: 'catalogue.code', items: 'catalogue.items', cut_off_min: 'catalogue.cut_off', as_of_min: 'catalogue.as_of', since: 'catalogue.since' };
    return words[field] ? t(words[field]) : field;
  };
  return (
    <CatalogueForm
      deed={code.trim() === '' ? null : { method: 'POST', url: (dry) => getFormSetUrl({ dry_run: dry }), body, tag: book.etag }}
      says={[
        t('catalogue.says.version', { day: since, n: (last?.version ?? 0) + 1 }),
        ...(addedItems.length ? [t('catalogue.says.added', { list: list(addedItems) })] : []),
        ...(dropped.length ? [t('catalogue.says.dropped', { list: list(dropped) })] : []),
        t('catalogue.says.clock', { asOf: clock(asOf), cutOff: clock(cutOff) }),
        t(`figure.counting.${counting}`),
      ]}
      after="/catalogue?show=forms"
      label={label}
      anew={anew}
    >
      {!last && <Text name="code" label={t('catalogue.code')} value={code} onValue={setCode} hint={t('catalogue.code_hint')} required maxLength={64} />}
      <Text name="names" label={t('change.field.zh_hans')} value={hans} onValue={setHans} />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} value={hant} onValue={setHant} hint={t('change.optional')} />
      <Text name="names.en" label={t('change.field.en')} value={en} onValue={setEn} hint={t('change.optional')} />
      <fieldset className="change-new">
        <legend>{t('catalogue.items')}</legend>
        <ol className="catalogue-edit">
          {items.map((item, at) => (
            <ItemRow
              key={item.element}
              item={item}
              at={at}
              last={at === items.length - 1}
              name={name(item.element)}
              kind={book.elements.find((e) => e.code === item.element)?.value_type.kind ?? ''}
              onItem={(next) => setItems((all) => all.map((i) => (i === item ? next : i)))}
              onMove={(by) => move(at, by)}
              onRemove={() => setItems((all) => all.filter((i) => i !== item))}
            />
          ))}
        </ol>
        <Choice name="items" label={t('catalogue.add_item')} value="" onValue={(v) => v && setItems((all) => [...all, { element: v, required: false }])} options={[['', t('catalogue.choose')], ...left.map((e): [string, string] => [e.code, named(e.names)])]} />
      </fieldset>
      <Clock name="as_of_min" label={t('catalogue.as_of')} value={asOf} onValue={setAsOf} disabled={last !== undefined} hint={last && t('catalogue.fixed')} />
      <Clock name="cut_off_min" label={t('catalogue.cut_off')} value={cutOff} onValue={setCutOff} />
      <Choice name="counting" label={t('catalogue.counting')} value={counting} onValue={(v) => setCounting(v as Counting)} options={COUNTING.map((c) => [c, t(`figure.counting.${c}`)])} />
      <Since name="since" day={since} onDay={setSince} label={t('catalogue.since')} quiet />
    </CatalogueForm>
  );
}

export default function FormForm() {
  const { t } = useTranslation();
  const named = useNamed();
  const { code } = useParams();
  const of = (book: Catalogue) => book.forms.filter((f) => f.code === code).sort((a, b) => (b.version ?? 0) - (a.version ?? 0))[0];
  const title = (book: Catalogue) => {
    const last = of(book);
    return last ? t('catalogue.edit_form', { name: named(last.names) }) : t('catalogue.new_form');
  };
  return (
    <Editor part="forms" title={title}>
      {(book, anew) => <Fields key={code ?? ''} book={book} last={of(book)} anew={anew} />}
    </Editor>
  );
}
