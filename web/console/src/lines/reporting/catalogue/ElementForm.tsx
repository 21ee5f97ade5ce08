// An element: made once; afterwards its names, owner, purpose and days change, never what it means.
import { useState } from 'react';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { getElementSetUrl } from '@/api/generated';
import type { Class, Element, OverTime, OverUnits, ValueType } from '@/api/generated.schemas';
import type { Catalogue } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { Choice, Since, Text, Tickbox } from '@/shared/fields';
import { useNamed } from '@/shared/names';
import { Editor } from './Editor';
import { CatalogueForm } from './CatalogueForm';

const CLASSES = ['event', 'state', 'text'] as const;
const NUMBERS = ['integer', 'decimal', 'choice', 'rate'] as const;
type Kind = ValueType['kind'];

function Fields({ book, known, anew }: { book: Catalogue; known: Element | undefined; anew: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const named = useNamed();
  const type = known?.value_type;
  const [code, setCode] = useState(known?.code ?? '');
  const [hans, setHans] = useState(known?.names['zh-Hans'] ?? '');
  const [hant, setHant] = useState(known?.names['zh-Hant'] ?? '');
  const [en, setEn] = useState(known?.names.en ?? '');
  const [cls, setCls] = useState<Class>(known?.class ?? 'event');
  const [number, setNumber] = useState<Kind>(type?.kind ?? 'integer');
  const [scale, setScale] = useState(type?.kind === 'decimal' ? String(type.scale) : '1');
  const [codes, setCodes] = useState(type?.kind === 'choice' ? type.codes.join(' ') : '');
  const [numerator, setNumerator] = useState(type?.kind === 'rate' ? type.numerator : '');
  const [denominator, setDenominator] = useState(type?.kind === 'rate' ? type.denominator : '');
  const [unit, setUnit] = useState(known?.unit ?? 'person');
  const [overUnits, setOverUnits] = useState<OverUnits>(known?.over_units ?? 'sum');
  const [overTime, setOverTime] = useState<OverTime>(known?.over_time ?? 'sum');
  const [cumulative, setCumulative] = useState(known?.cumulative ?? false);
  const [owner, setOwner] = useState(known?.owner ?? '');
  const [purpose, setPurpose] = useState(known?.purpose ?? '');
  const [since, setSince] = useState(known?.since ?? about.today);
  const [until, setUntil] = useState<string | null>(known?.until ?? null);
  // A day that began asks it to the end.
  const tomorrow = dayjs(about.today).add(1, 'day').format('YYYY-MM-DD');
  const kind: Kind = cls === 'text' ? 'text' : number === 'text' ? 'integer' : number;
  const added = kind === 'integer' || kind === 'decimal';
  const valueType = (): ValueType => {
    if (kind === 'decimal') return { kind, scale: Number(scale) };
    if (kind === 'choice') return { kind, codes: codes.split(/[\s,，、]+/).filter(Boolean) };
    if (kind === 'rate') return { kind, numerator, denominator };
    return { kind };
  };
  const body: Element = {
    code: code.trim(),
    names: { 'zh-Hans': hans.trim(), 'zh-Hant': hant.trim(), en: en.trim() },
    class: cls,
    value_type: valueType(),
    unit: cls === 'text' ? '' : unit.trim(),
    over_units: added ? overUnits : 'none',
    over_time: added ? overTime : 'none',
    cumulative: added && cumulative,
    owner: owner.trim(),
    purpose: purpose.trim(),
    since,
    until,
  };
  const sums = book.elements.filter((e) => (e.value_type.kind === 'integer' || e.value_type.kind === 'decimal') && e.over_units === 'sum');
  const parts: [string, string][] = [['', t('catalogue.choose')], ...sums.map((e): [string, string] => [e.code, named(e.names)])];
  const label = (field: string) => {
    if (field === 'names') return t('change.field.zh_hans');
    if (field.startsWith('value_type')) return t('catalogue.type');
    if (field === 'until') return t('catalogue.until_day');
    return ['code', 'owner', 'purpose', 'since'].includes(field) ? t(`catalogue.${field}`) : field;
  };
  const name = hans.trim() || en.trim() || code.trim();
  return (
    <CatalogueForm
      deed={code.trim() === '' ? null : { method: 'POST', url: (dry) => getElementSetUrl({ dry_run: dry }), body, tag: book.etag }}
      says={[
        known ? t('catalogue.edit_element', { name }) : t('catalogue.says.new', { name, type: t(`catalogue.type_of.${kind}`) }),
        ...(until ? [t('catalogue.until', { day: until })] : []),
      ]}
      after="/catalogue?show=elements"
      label={label}
      anew={anew}
    >
      {!known && <Text name="code" label={t('catalogue.code')} value={code} onValue={setCode} hint={t('catalogue.code_hint')} required maxLength={64} />}
      <Text name="names" label={t('change.field.zh_hans')} value={hans} onValue={setHans} required />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} value={hant} onValue={setHant} hint={t('change.optional')} />
      <Text name="names.en" label={t('change.field.en')} value={en} onValue={setEn} hint={t('change.optional')} />
      <Choice name="class" label={t('catalogue.class')} value={cls} onValue={(v) => setCls(v as Class)} options={CLASSES.map((c) => [c, t(`catalogue.class_of.${c}`)])} disabled={known !== undefined} hint={known && t('catalogue.fixed')} />
      {cls !== 'text' && (
        <Choice name="value_type" label={t('catalogue.type')} value={kind} onValue={(v) => setNumber(v as Kind)} options={NUMBERS.map((k) => [k, t(`catalogue.type_of.${k}`)])} disabled={known !== undefined} hint={known && t('catalogue.fixed')} />
      )}
      {kind === 'decimal' && !known && <Choice name="value_type.scale" label={t('catalogue.scale')} value={scale} onValue={setScale} options={['1', '2', '3', '4', '5', '6'].map((n) => [n, n])} />}
      {kind === 'choice' && <Text name="codes" label={t('catalogue.codes')} value={codes} onValue={setCodes} maxLength={2000} />}
      {kind === 'rate' && !known && (
        <>
          <Choice name="numerator" label={t('catalogue.numerator')} value={numerator} onValue={setNumerator} options={parts} />
          <Choice name="denominator" label={t('catalogue.denominator')} value={denominator} onValue={setDenominator} options={parts} />
        </>
      )}
      {cls !== 'text' && <Text name="unit" label={t('catalogue.unit')} value={unit} onValue={setUnit} hint={t('catalogue.unit_hint')} maxLength={32} />}
      {added && (
        <>
          <Choice name="over_units" label={t('catalogue.over_units')} value={overUnits} onValue={(v) => setOverUnits(v as OverUnits)} options={(['sum', 'none'] as const).map((v) => [v, t(`catalogue.over_units_of.${v}`)])} />
          <Choice name="over_time" label={t('catalogue.over_time')} value={overTime} onValue={(v) => setOverTime(v as OverTime)} options={(['sum', 'last', 'max', 'none'] as const).map((v) => [v, t(`catalogue.over_time_of.${v}`)])} />
          <Tickbox name="cumulative" label={t('catalogue.cumulative')} value={cumulative} onValue={setCumulative} />
        </>
      )}
      <Text name="owner" label={t('catalogue.owner')} value={owner} onValue={setOwner} required />
      <Text name="purpose" label={t('catalogue.purpose')} value={purpose} onValue={setPurpose} required />
      <Since name="since" day={since} onDay={setSince} label={t('catalogue.since')} quiet />
      {known && <Tickbox name="stop" label={t('catalogue.stop')} value={until !== null} onValue={(yes) => setUntil(yes ? tomorrow : null)} />}
      {until !== null && <Since name="until" day={until} onDay={setUntil} label={t('catalogue.until_day')} quiet />}
    </CatalogueForm>
  );
}

export default function ElementForm() {
  const { t } = useTranslation();
  const named = useNamed();
  const { code } = useParams();
  const of = (book: Catalogue) => book.elements.find((e) => e.code === code);
  const title = (book: Catalogue) => {
    const known = of(book);
    return known ? t('catalogue.edit_element', { name: named(known.names) }) : t('catalogue.new_element');
  };
  return (
    <Editor part="elements" title={title}>
      {(book, anew) => <Fields key={code ?? ''} book={book} known={of(book)} anew={anew} />}
    </Editor>
  );
}
