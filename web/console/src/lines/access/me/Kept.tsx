import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { personRead } from '@/api/generated';
import { saved } from '@/shared/saved';
import { Refusal } from '@/shared/State';

/** What is kept of me: where it is told, and all of it to take along. */
export function Kept() {
  const { t } = useTranslation();
  const take = useMutation({ mutationFn: () => personRead(), onSuccess: (data) => saved('muster-me.json', data) });
  return (
    <section className="card card-pad" data-kept>
      <h2>{t('me.kept')}</h2>
      <p className="faint">{t('me.kept_sub')}</p>
      {take.isError && <Refusal error={take.error} />}
      <p className="change-go">
        <button type="button" className="plain" disabled={take.isPending} onClick={() => take.mutate()} data-take-along>
          {t('me.kept_go')}
        </button>
      </p>
      <p>
        <Link className="change-link" to="/privacy">
          {t('privacy.title')}
        </Link>
      </p>
    </section>
  );
}
