// A channel, said whole: what it asks depends on its kind. What is typed here is never shown again.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { channelSet } from '@/api/generated';
import type { Channel, ChannelIn, ChannelKind } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { Findings } from '@/shared/deed';
import { Choice, Labelled, Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { useOnce } from './useOnce';

const KINDS: ChannelKind[] = ['mail', 'wecom', 'dingtalk', 'webhook', 'folder'];
/** What each kind asks, beside its quiet hours. */
const ASKS: Record<ChannelKind, readonly ('address' | 'key' | 'secret' | 'user' | 'mentions')[]> = {
  mail: ['address', 'user', 'secret'],
  wecom: ['key', 'mentions'],
  dingtalk: ['key', 'secret', 'mentions'],
  webhook: ['address', 'secret'],
  folder: ['address'],
  memory: ['address'],
};

function Hidden({ name, label, hint, value, onValue }: { name: string; label: string; hint?: string; value: string; onValue: (text: string) => void }) {
  return (
    <Labelled name={name} label={label} {...(hint ? { hint } : {})}>
      {(id, described, wrong) => <input id={id} type="password" value={value} maxLength={2000} autoComplete="new-password" aria-describedby={described} aria-invalid={wrong || undefined} onChange={(e) => onValue(e.target.value)} />}
    </Labelled>
  );
}

/** `was`: the channel that is said anew; none where one is added. */
export function ChannelForm({ unit, was, close }: { unit: string; was?: Channel; close: () => void }) {
  const { t } = useTranslation();
  const [now, setNow] = useState({
    code: was?.code ?? '',
    kind: (was?.kind ?? 'mail') as ChannelKind,
    address: '',
    key: '',
    secret: '',
    user: '',
    mentions: '',
    quiet_from: was ? (was.quiet_from ?? '') : '22:00',
    quiet_until: was ? (was.quiet_until ?? '') : '07:00',
  });
  const put = (name: keyof typeof now) => (value: string) => setNow((before) => ({ ...before, [name]: value }));
  const set = useOnce(({ code, body }: { code: string; body: ChannelIn }, once) => channelSet(unit, code, body, once), close);
  const asks = ASKS[now.kind];
  const has = (name: (typeof asks)[number]) => asks.includes(name);
  const said = (name: 'address' | 'key' | 'secret' | 'user') => (has(name) && now[name] !== '' ? { [name]: now[name] } : {});
  const body: ChannelIn = {
    kind: now.kind,
    ...said('address'),
    ...said('key'),
    ...said('secret'),
    ...said('user'),
    ...(has('mentions') ? { mentions: now.mentions.split(/[\s,，、;；]+/).filter(Boolean) } : {}),
    ...(now.quiet_from || now.quiet_until ? { quiet_from: now.quiet_from, quiet_until: now.quiet_until } : {}),
  };
  const found = set.error instanceof Problem ? (set.error.body.findings ?? []) : [];
  return (
    <Findings value={found}>
      <form
        className="card card-pad change-form"
        data-channel-form
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          set.mutate({ code: now.code.trim(), body });
        }}
      >
        <h2>{was ? t('outbound.change', { channel: was.code }) : t('outbound.add')}</h2>
        <p className="faint small">{t('outbound.whole')}</p>
        {!was && <Text name="channel" label={t('outbound.code')} hint={t('outbound.code_hint')} value={now.code} maxLength={40} onValue={put('code')} required />}
        <Choice name="kind" label={t('outbound.kind')} value={now.kind} onValue={put('kind')} options={KINDS.map((kind): [string, string] => [kind, t(`outbound.kinds.${kind}`)])} />
        {has('address') && <Text name="address" label={t(`outbound.address.${now.kind}`)} value={now.address} maxLength={2000} onValue={put('address')} required />}
        {has('key') && <Hidden name="key" label={t('outbound.key')} hint={t('outbound.key_hint')} value={now.key} onValue={put('key')} />}
        {has('user') && <Text name="user" label={t('outbound.user')} hint={t('outbound.user_hint')} value={now.user} onValue={put('user')} />}
        {has('secret') && <Hidden name="secret" label={t(`outbound.secret.${now.kind}`)} value={now.secret} onValue={put('secret')} />}
        {has('mentions') && <Text name="mentions" label={t('outbound.mentions')} hint={t('outbound.mentions_hint')} value={now.mentions} maxLength={420} onValue={put('mentions')} />}
        <fieldset className="outbound-quiet">
          <legend>{t('outbound.quiet')}</legend>
          <Text name="quiet_from" label={t('outbound.quiet_from')} value={now.quiet_from} maxLength={5} onValue={put('quiet_from')} />
          <Text name="quiet_until" label={t('outbound.quiet_until')} value={now.quiet_until} maxLength={5} onValue={put('quiet_until')} />
          <p className="small faint">{t('outbound.quiet_hint')}</p>
        </fieldset>
        <p className="change-go">
          <button type="submit" className="act" disabled={set.isPending} data-channel-set>
            {t('outbound.set')}
          </button>
          <button type="button" className="plain" onClick={close}>
            {t('outbound.leave')}
          </button>
        </p>
        {set.isError && <Refusal error={set.error} />}
      </form>
    </Findings>
  );
}
