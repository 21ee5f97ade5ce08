// Logins of groups' own services that open somebody's account, as an administrator sees them: link one before the person was
// in, take one away.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { oidcEnd, oidcLink } from '@/api/generated';
import type { AccountBody, OidcLinked, OidcProvider } from '@/api/generated.schemas';
import { oidcList, oidcOf } from '@/api/queries';
import { Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { Asked, useOnce } from '../deeds';
import { minute } from '../seats';

function One({ a, one, keeps }: { a: AccountBody; one: OidcLinked; keeps: boolean }) {
  const { t } = useTranslation();
  const end = useOnce((provider: string, once) => oidcEnd(a.id, provider, {}, once));
  return (
    <li data-linked={one.provider}>
      <p>
        <b>{one.name}</b>
        <br />
        <span className="faint small">{t(one.by_owner ? 'oidc.linked_person' : 'oidc.linked_admin', { when: minute(one.linked_at) })}</span>
      </p>
      {keeps && (
        <Asked name={`unlink-${one.provider}`} open={t('oidc.end')} label={`${t('oidc.end')} ${one.name}`}>
          {() => (
            <>
              <p>{t('oidc.end_of', { name: a.name })}</p>
              {end.isError && <Refusal error={end.error} />}
              <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate(one.provider)} data-unlink>
                {t('oidc.end_go')}
              </button>
            </>
          )}
        </Asked>
      )}
    </li>
  );
}

function Link({ a, provider, close }: { a: AccountBody; provider: OidcProvider; close: () => void }) {
  const { t } = useTranslation();
  const [subject, setSubject] = useState('');
  const link = useOnce((body: { subject: string }, once) => oidcLink(a.id, provider.id, body, once), close);
  const said = subject.trim();
  return (
    <form
      className="change-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (said !== '' && !link.isPending) link.mutate({ subject: said });
      }}
    >
      <Text name="subject" label={t('oidc.subject', { name: provider.name })} value={subject} onValue={setSubject} maxLength={255} />
      {link.isError && <Refusal error={link.error} />}
      <p className="change-go">
        <button type="submit" className="act" disabled={said === '' || link.isPending} data-oidc-link>
          {t('oidc.subject_go')}
        </button>
      </p>
    </form>
  );
}

export function OidcOf({ a, keeps }: { a: AccountBody; keeps: boolean }) {
  const { t } = useTranslation();
  const list = useQuery(oidcList());
  const linked = useQuery(oidcOf(a.id));
  if (!list.data || !linked.data) return null;
  // Who has chosen a password links a login themselves.
  const free = keeps && !a.entered ? list.data.items.filter((p) => !linked.data.items.some((one) => one.provider === p.id)) : [];
  if (linked.data.items.length === 0 && free.length === 0) return null;
  return (
    <section className="card card-pad" data-oidc-of>
      <h2>{t('oidc.title')}</h2>
      <p className="faint">{t('oidc.about_account')}</p>
      <ul className="grants">
        {linked.data.items.map((one) => (
          <One key={one.provider} a={a} one={one} keeps={keeps} />
        ))}
      </ul>
      {free.map((p) => (
        <Asked key={p.id} name={`link-${p.id}`} open={t('oidc.link', { name: p.name })}>
          {(close) => <Link a={a} provider={p} close={close} />}
        </Asked>
      ))}
    </section>
  );
}
