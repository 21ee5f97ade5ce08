// Under the password form: a button for each group that has a login service of its own.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { oidcGo } from '@/api/generated';
import type { OidcProvider } from '@/api/generated.schemas';
import { oidcList } from '@/api/queries';
import { Refusal } from '@/shared/State';
import { setOut } from './away';

function Go({ provider, address, to }: { provider: OidcProvider; address: string; to: string }) {
  const { t } = useTranslation();
  const go = useMutation({ mutationFn: () => oidcGo(provider.id, { to }), onSuccess: ({ url }) => setOut(url) });
  // The service sends the browser back to one address, and only the browser of that address is known again there.
  const elsewhere = address !== location.origin;
  return (
    <>
      <button
        type="button"
        className="plain"
        disabled={go.isPending || go.isSuccess}
        onClick={() => (elsewhere ? setOut(`${address}/login?to=${encodeURIComponent(to)}`) : go.mutate())}
        data-oidc={provider.id}
      >
        {t('oidc.enter', { name: provider.name })}
      </button>
      {go.isError && <Refusal error={go.error} />}
    </>
  );
}

export function OidcButtons({ to }: { to: string }) {
  const { t } = useTranslation();
  const list = useQuery(oidcList());
  if (!list.data || list.data.items.length === 0) return null;
  return (
    <section className="oidc-buttons" aria-label={t('oidc.or')}>
      <p className="faint">{t('oidc.or')}</p>
      {list.data.items.map((p) => (
        <Go key={p.id} provider={p} address={list.data.address} to={to} />
      ))}
    </section>
  );
}
