// Logins of groups' own services that open my account: link one, take one away.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { oidcOwnEnd, oidcOwnGo } from '@/api/generated';
import type { OidcLinked, OidcProvider } from '@/api/generated.schemas';
import { oidcList, oidcOwn } from '@/api/queries';
import { Refusal } from '@/shared/State';
import { Asked } from '../deeds';
import { minute } from '../seats';
import { setOut } from './away';
import './oidc.css';

function Linked({ one }: { one: OidcLinked }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const end = useMutation({ mutationFn: () => oidcOwnEnd(one.provider), onSuccess: () => client.invalidateQueries() });
  return (
    <li data-linked={one.provider}>
      <p>
        <b>{one.name}</b>
        <br />
        <span className="faint small">{t(one.by_owner ? 'oidc.linked_own' : 'oidc.linked_admin', { when: minute(one.linked_at) })}</span>
      </p>
      <Asked name={`unlink-${one.provider}`} open={t('oidc.end')} label={`${t('oidc.end')} ${one.name}`}>
        {() => (
          <>
            <p>{t('oidc.end_about', { name: one.name })}</p>
            {end.isError && <Refusal error={end.error} />}
            <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate()} data-unlink>
              {t('oidc.end_go')}
            </button>
          </>
        )}
      </Asked>
    </li>
  );
}

function Link({ provider }: { provider: OidcProvider }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const go = useMutation({ mutationFn: () => oidcOwnGo(provider.id, { password }), onSuccess: ({ url }) => setOut(url) });
  return (
    <form
      className="login-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!go.isPending) go.mutate();
      }}
    >
      <label>
        {t('oidc.password')}
        <input type="password" autoComplete="current-password" value={password} onChange={(e) => setPassword(e.target.value)} maxLength={256} data-oidc-password />
      </label>
      {go.isError && <Refusal error={go.error} />}
      <button type="submit" className="act" disabled={go.isPending || go.isSuccess} data-oidc-link>
        {t('oidc.go', { name: provider.name })}
      </button>
    </form>
  );
}

export function OidcMine() {
  const { t } = useTranslation();
  const state = useLocation().state as { linked?: boolean } | null;
  const list = useQuery(oidcList());
  const own = useQuery(oidcOwn());
  if (!list.data || !own.data) return null;
  const free = list.data.items.filter((p) => !own.data.items.some((one) => one.provider === p.id));
  // Where no group has a service there is nothing to be said of it.
  if (own.data.items.length === 0 && free.length === 0) return null;
  const elsewhere = list.data.address !== location.origin;
  return (
    <section className="card card-pad" data-my-oidc>
      <h2>{t('oidc.title')}</h2>
      <p className="faint">{t('oidc.about')}</p>
      {state?.linked && (
        <p className="done" role="status" data-done>
          ● {t('oidc.done')}
        </p>
      )}
      <ul className="grants">
        {own.data.items.map((one) => (
          <Linked key={one.provider} one={one} />
        ))}
      </ul>
      {elsewhere && free.length > 0 && (
        <p>
          {t('oidc.elsewhere')} <a href={`${list.data.address}/me`}>{list.data.address}</a>
        </p>
      )}
      {!elsewhere &&
        free.map((p) => (
          <Asked key={p.id} name={`link-${p.id}`} open={t('oidc.link', { name: p.name })}>
            {() => <Link provider={p} />}
          </Asked>
        ))}
    </section>
  );
}
