import { useTranslation } from 'react-i18next';
import { useAbout } from '@/shared/about';

/** That no link is open here, why, and whom to ask. */
export function FillWords({ name, why }: { name: 'none' | 'gone' | 'ended' | 'closed'; why?: string }) {
  const { t, i18n } = useTranslation();
  const { about } = useAbout();
  return (
    <section className="fill-card" data-words={name}>
      <h1>{t(`fill.${name}`)}</h1>
      {why && (
        <p role="alert" className="mark-bad">
          ▲ {why}
        </p>
      )}
      <p>{t(`fill.${name}_sub`)}</p>
      {name !== 'closed' && <p>{t('fill.ask', { office: about.office[i18n.language] ?? about.product })}</p>}
    </section>
  );
}
