// A body beside the tree: added, and changed. It is not dated as units are; it may have a first and a last day.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { getPartyChangeUrl, getPartyCreateUrl } from '@/api/generated';
import type { PartyBody, PartyPatchDraft } from '@/api/generated.schemas';
import { partyAt, type PartyAt } from '@/api/queries';
import { useAbout, useMayInWhole } from '@/shared/about';
import { DeedForm, Noted } from '@/shared/deed';
import { Since, Text, Tickbox } from '@/shared/fields';
import { Show } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Kind } from '../change/fields';

const KINDS = ['command', 'hospital', 'charity', 'supplier', 'press'];
const NAMES = { zh_hans: 'zh-Hans', zh_hant: 'zh-Hant', en: 'en' } as const;
type Name = keyof typeof NAMES;
type Facts = Record<Name | 'kind' | 'place', string> & { opened: string | null; closed: string | null };
const FIELDS: (keyof Facts)[] = ['zh_hans', 'zh_hant', 'en', 'kind', 'place', 'opened', 'closed'];

function foreseen(preview: PartyBody, says: React.ReactNode) {
  return (
    <>
      <ul className="change-list">{says}</ul>
      <Noted findings={preview.findings} />
    </>
  );
}

function Fields({ at, anew }: { at: PartyAt | null; anew: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const word = useWord();
  const known = at?.party;
  const [code, setCode] = useState('');
  const [touched, setTouched] = useState<Partial<Facts>>({});
  const now: Facts = {
    zh_hans: known?.names['zh-Hans'] ?? '',
    zh_hant: known?.names['zh-Hant'] ?? '',
    en: known?.names.en ?? '',
    kind: known?.kind ?? '',
    place: known?.place ?? '',
    opened: known?.opened ?? null,
    closed: known?.closed ?? null,
  };
  const value = <F extends keyof Facts>(f: F): Facts[F] => {
    const touch = touched[f];
    return (touch === undefined ? now[f] : touch) as Facts[F];
  };
  const plain = (f: keyof Facts) => {
    const v = value(f);
    return typeof v === 'string' ? v.trim() : v;
  };
  const changed = FIELDS.filter((f) => plain(f) !== now[f]);
  const patch: PartyPatchDraft = {};
  for (const f of changed) {
    const v = plain(f);
    if (f === 'opened' || f === 'closed') patch[f] = v;
    else if (f === 'kind' || f === 'place') patch[f] = v ?? '';
    else patch.names = { ...patch.names, [NAMES[f]]: v };
  }
  const names = { 'zh-Hans': value('zh_hans').trim(), 'zh-Hant': value('zh_hant').trim(), en: value('en').trim() };
  const whole = { code: code.trim(), names, kind: value('kind').trim(), place: value('place').trim() || null, opened: value('opened'), closed: value('closed') };
  const told = (f: keyof Facts, v: string | null) => (!v ? t('change.empty') : f === 'kind' ? word('kind', v) : v);
  const set = (f: keyof Facts) => (v: string | null) => setTouched((old) => ({ ...old, [f]: v }));
  const field = (f: Name | 'kind' | 'place', hint?: string) => ({
    value: value(f),
    onValue: set(f),
    hint: known && changed.includes(f) ? t('change.now_is', { value: told(f, now[f]) }) : hint,
  });
  const words: Record<string, string> = { opened: 'parties.opened', closed: 'parties.closed_day' };
  const name = (f: string) => t(words[f] ?? `change.field.${f}`);
  const label = (f: string) => {
    const own = (Object.keys(NAMES) as Name[]).find((n) => f === `names.${NAMES[n]}`);
    return ['code', ...FIELDS].includes(own ?? f) ? name(own ?? f) : f;
  };
  const deed = known
    ? changed.length > 0 && { method: 'PATCH' as const, url: (dry: boolean) => getPartyChangeUrl(known.code, { dry_run: dry }), body: patch, tag: at.etag }
    : code.trim() !== '' && { method: 'POST' as const, url: (dry: boolean) => getPartyCreateUrl({ dry_run: dry }), body: whole, tag: null };
  const says = known
    ? changed.map((f) => t('change.says', { name: name(f), from: told(f, now[f]), to: told(f, plain(f)) }))
    : [t('parties.says_new', { name: names['zh-Hans'] || names['zh-Hant'] || names.en || code.trim(), kind: word('kind', value('kind')) })];
  return (
    <DeedForm<PartyBody> deed={deed || null} says={says} foreseen={foreseen} after="/parties" label={label} anew={anew}>
      {!known && <Text name="code" label={t('change.field.code')} value={code} onValue={setCode} hint={t('change.hint.code')} required maxLength={64} />}
      <Text name="names.zh-Hans" label={t('change.field.zh_hans')} {...field('zh_hans')} />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} {...field('zh_hant', t('change.optional'))} />
      <Text name="names.en" label={t('change.field.en')} {...field('en', t('change.optional'))} />
      <Kind name="kind" kinds={KINDS} {...field('kind')} />
      <Text name="place" label={t('change.field.place')} {...field('place', `${t('change.optional')} · ${t('change.hint.place')}`)} maxLength={12} />
      {(['opened', 'closed'] as const).map((f) => {
        const day = value(f);
        return (
          <div key={f} className="party-day">
            <Tickbox name={day === null ? f : ''} label={t(`parties.${f}_known`)} value={day !== null} onValue={(yes) => set(f)(yes ? (now[f] ?? about.today) : null)} />
            {day !== null && <Since name={f} day={day} onDay={set(f)} label={name(f)} quiet />}
          </div>
        );
      })}
    </DeedForm>
  );
}

/** The frame of the page: the way back, a heading, and only for who may. */
function Page({ name, children }: { name: string | undefined; children: React.ReactNode }) {
  const { t } = useTranslation();
  const may = useMayInWhole(name === undefined ? 'party.create' : 'party.change');
  return (
    <main className="page page-narrow">
      <Link to="/parties">‹ {t('parties.title')}</Link>
      <h1>{name === undefined ? t('parties.title_new') : t('parties.title_edit', { name })}</h1>
      {may ? children : <p>{t('parties.may_not')}</p>}
    </main>
  );
}

function Known({ code }: { code: string }) {
  const query = useQuery(partyAt(code));
  return (
    <Page name={query.data?.party.name ?? code}>
      <Show query={query}>{(at) => <Fields at={at} anew={() => query.refetch()} />}</Show>
    </Page>
  );
}

export default function PartyForm() {
  const { code } = useParams();
  if (code !== undefined) return <Known key={code} code={code} />;
  return (
    <Page name={undefined}>
      <Fields at={null} anew={() => undefined} />
    </Page>
  );
}
