// A post: added, named, given to somebody from a day on, ended; and its duty telephone. What is not touched stays.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getPostSetUrl } from '@/api/generated';
import type { PostBody, PostDraft, PostPreview } from '@/api/generated.schemas';
import type { UnitAt } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { DeedForm } from '@/shared/deed';
import { Choice, Since, Text } from '@/shared/fields';
import { useDayText } from '@/shared/format';
import { useHolder, useOwnReference } from './holder';

const NAMES = { zh_hans: 'zh-Hans', zh_hant: 'zh-Hant', en: 'en' } as const;
type Field = keyof typeof NAMES;

/** What becomes of the holder: it stays, it is whoever is looking, somebody else, nobody. */
type Who = 'stays' | 'me' | 'other' | 'nobody';

function Foreseen({ preview, says }: { preview: PostPreview; says: React.ReactNode }) {
  const { t } = useTranslation();
  const holder = useHolder();
  const dayText = useDayText();
  const { before, after, day, later_gone: gone } = preview;
  const who = (p: PostBody | null | undefined) => (p?.holder ? holder(p.holder) : t('posts.nobody'));
  const phone = (p: PostBody | null | undefined) => p?.duty_phone ?? t('posts.no_phone');
  return (
    <ul className="change-list">
      {!before && <li>{t('posts.says.new', { name: after.name })}</li>}
      {says}
      {(before?.holder ?? null) !== (after.holder ?? null) && (
        <li>
          {t('posts.says.holder', { day: dayText(day), from: who(before), to: who(after) })}
        </li>
      )}
      {gone > 0 && (
        <li>
          <span className="mark-warn">◆ {t('posts.says.gone', { count: gone })}</span>
        </li>
      )}
      {phone(before) !== phone(after) && (
        <li>
          {t('posts.says.phone')} <span className="keep">{phone(before)}</span> → <b className="keep">{phone(after)}</b>
        </li>
      )}
    </ul>
  );
}

const foreseen = (preview: PostPreview, says: React.ReactNode) => <Foreseen preview={preview} says={says} />;

/** Of a unit's posts one that is there, or a new one. */
export function PostForm({ at, known, day: opened, anew }: { at: UnitAt; known: PostBody | undefined; day: string; anew: () => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const own = useOwnReference();
  const holder = useHolder();
  const [code, setCode] = useState('');
  const [touched, setTouched] = useState<Partial<Record<Field | 'phone', string>>>({});
  const [who, setWho] = useState<Who>('stays');
  const [reference, setReference] = useState('');
  const [day, setDay] = useState(opened);
  const now: Record<Field | 'phone', string> = {
    zh_hans: known?.names['zh-Hans'] ?? '',
    zh_hant: known?.names['zh-Hant'] ?? '',
    en: known?.names.en ?? '',
    phone: known?.duty_phone ?? '',
  };
  const value = (f: Field | 'phone') => touched[f] ?? now[f];
  const changed = (f: Field | 'phone') => value(f).trim() !== now[f];
  const names = (Object.keys(NAMES) as Field[]).filter(changed);
  const body: PostDraft = {};
  for (const f of names) body.names = { ...body.names, [NAMES[f]]: value(f).trim() };
  // A new post without a name is told at the name.
  if (!known && !body.names) body.names = { 'zh-Hans': '' };
  if (changed('phone')) body.duty_phone = value('phone').trim();
  if (who !== 'stays') {
    body.holder = who === 'me' ? own : who === 'nobody' ? '' : reference.trim();
    body.day = day;
  }
  const nothing = known ? Object.keys(body).length === 0 : code.trim() === '';
  const lacking = who === 'other' && reference.trim() === '';
  const told = (v: string) => (v === '' ? t('change.empty') : v);
  const field = (f: Field | 'phone', hint?: string) => ({
    value: value(f),
    onValue: (v: string) => setTouched((old) => ({ ...old, [f]: v })),
    hint,
  });
  const post = known?.code ?? code.trim();
  const unit = `/units/${encodeURIComponent(at.unit.code)}`;
  const options: [Who, string][] = [
    ['stays', known?.holder ? t('posts.who.stays', { name: holder(known.holder) }) : t('posts.nobody')],
    ...(own && known?.holder !== own ? [['me', t('posts.who.me', { name: holder(own) })] as [Who, string]] : []),
    ...(known?.holder ? [['nobody', t('posts.who.nobody')] as [Who, string]] : []),
    ['other', t('posts.who.other')],
  ];
  const label = (f: string) => {
    const words: Record<string, string> = { code: 'posts.code', holder: 'posts.holder', day: 'posts.since', duty_phone: 'posts.phone', 'names.zh-Hans': 'change.field.zh_hans', 'names.zh-Hant': 'change.field.zh_hant', 'names.en': 'change.field.en' };
    return words[f] ? t(words[f]) : f;
  };
  // Of one that is there it is mostly the telephone or the holder that changes: these stand first.
  const named = (
    <>
      <Text name="names.zh-Hans" label={t('change.field.zh_hans')} {...field('zh_hans')} />
      <Text name="names.zh-Hant" label={t('change.field.zh_hant')} {...field('zh_hant', t('change.optional'))} />
      <Text name="names.en" label={t('change.field.en')} {...field('en', t('change.optional'))} />
    </>
  );
  return (
    <DeedForm<PostPreview>
      deed={nothing || lacking ? null : { method: 'PUT', url: (dry) => getPostSetUrl(at.unit.code, post, { dry_run: dry }), body, tag: at.etag }}
      says={known ? names.map((f) => t('change.says', { name: t(`change.field.${f}`), from: told(now[f]), to: told(value(f).trim()) })) : []}
      foreseen={foreseen}
      after={`${unit}?day=${who === 'stays' || day < about.today ? about.today : day}`}
      label={label}
      anew={anew}
    >
      {!known && (
        <>
          <Text name="code" label={t('posts.code')} value={code} onValue={setCode} hint={t('posts.code_hint')} required maxLength={64} />
          {named}
        </>
      )}
      <Text name="duty_phone" kind="tel" label={t('posts.phone')} {...field('phone', t('posts.phone_hint'))} maxLength={32} />
      <Choice name="who" label={t('posts.holder')} value={who} onValue={(v) => setWho(v as Who)} options={options} />
      {who === 'other' && <Text name="holder" label={t('posts.reference')} value={reference} onValue={setReference} hint={t('posts.reference_hint')} maxLength={130} />}
      {who !== 'stays' && <Since day={day} onDay={setDay} label={t(who === 'nobody' ? 'posts.ends' : 'posts.since')} quiet />}
      {known && named}
    </DeedForm>
  );
}
