import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { demoSkip } from '@/api/generated';
import { useAbout, useSeesWhole } from '@/shared/about';
import { Refusal } from '@/shared/State';

/** The demonstration's own controls: they move the clock, never a figure. */
export function DemoBar() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const whole = useSeesWhole();
  const client = useQueryClient();
  const navigate = useNavigate();
  const over = about.now.slice(11, 16) >= '15:00';
  const skip = useMutation({
    mutationFn: () => demoSkip({ to: '15:00' }),
    onSuccess: async () => {
      await client.invalidateQueries();
      void navigate(whole ? `/brief/${about.today}` : '/');
    },
  });
  return (
    <div className="demo-bar">
      <button type="button" className="plain" onClick={() => skip.mutate()} disabled={skip.isPending || over} data-skip>
        {over ? t('demo.frozen') : skip.isPending ? t('demo.skipping') : t('demo.skip')}
      </button>
      <Link to="/start">{t('demo.own')}</Link>
      {skip.isError && <Refusal error={skip.error} />}
    </div>
  );
}
