import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formStarter } from '@/api/generated';
import { useAbout } from '@/shared/about';
import { Refusal } from '@/shared/State';

/** An operation that has begun and has no units, or no form, yet: what is lacking, and the one step that mends it. */
export function Bare() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const starter = useMutation({ mutationFn: () => formStarter(), onSuccess: () => client.invalidateQueries() });
  return (
    <main className="page page-narrow">
      <h1>{t(about.root === '' ? 'bare.no_units' : 'bare.no_form')}</h1>
      <p>{t(about.root === '' ? 'bare.no_units_sub' : 'bare.no_form_sub')}</p>
      <p className="bare-next">
        {about.root === '' ? (
          <Link className="act" to="/start" data-bare>
            {t('start.title')}
          </Link>
        ) : (
          <button type="button" className="act" disabled={starter.isPending} onClick={() => starter.mutate()} data-bare>
            {t('bare.starter')}
          </button>
        )}
      </p>
      {starter.isError && <Refusal error={starter.error} />}
    </main>
  );
}
