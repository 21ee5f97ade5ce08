import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

const CHARS_MIN = 8;
/** As the server counts it, in bytes: an argon2 hash of more would cost more than it is worth. */
const BYTES_MAX = 256;

export type Chosen = { first: string; again: string };
export const NOT_CHOSEN: Chosen = { first: '', again: '' };

type Fault = 'short' | 'long' | 'differ' | null;

/** What is still wrong with a password that was said twice. */
export function faultOf({ first, again }: Chosen): Fault {
  if (Array.from(first).length < CHARS_MIN) return 'short';
  if (new TextEncoder().encode(first).length > BYTES_MAX) return 'long';
  return first === again ? null : 'differ';
}

/** A password chosen twice, with the rules beforehand and what is still lacking meanwhile. It can be looked at: two thumbs err. */
export function PasswordTwice({ value, onValue, user }: { value: Chosen; onValue: (value: Chosen) => void; user?: string }) {
  const { t } = useTranslation();
  const id = useId();
  const [seen, setSeen] = useState(false);
  const fault = faultOf(value);
  const lacks = CHARS_MIN - Array.from(value.first).length;
  const said = value.first === '' ? '' : fault === 'short' ? t('password.short', { n: lacks }) : fault === 'long' ? t('password.long') : fault === 'differ' && value.again !== '' ? t('password.differ') : fault === null ? t('password.same') : '';
  const field = { type: seen ? 'text' : 'password', autoComplete: 'new-password', required: true, maxLength: BYTES_MAX, autoCapitalize: 'none', spellCheck: false, 'aria-describedby': id };
  return (
    <>
      <p className="faint" id={id}>
        {t('password.rules')}
      </p>
      {user !== undefined && <input type="text" autoComplete="username" value={user} readOnly hidden />}
      <label>
        {t('password.new')}
        <input {...field} value={value.first} onChange={(e) => onValue({ ...value, first: e.target.value })} data-password="first" />
      </label>
      <label>
        {t('password.again')}
        <input {...field} value={value.again} onChange={(e) => onValue({ ...value, again: e.target.value })} data-password="again" />
      </label>
      <label className="password-seen">
        <input type="checkbox" checked={seen} onChange={(e) => setSeen(e.target.checked)} />
        {t('password.see')}
      </label>
      <p className={fault === null ? 'mark-good password-said' : 'password-said'} role="status" data-fault={fault ?? ''}>
        {said && `${fault === null ? '● ' : ''}${said}`}
      </p>
    </>
  );
}
