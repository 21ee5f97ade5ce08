// Sends the reminder: a letter to each missing unit that has a channel, once a step of the day; says who has none.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { missingRemind } from '@/api/generated';
import { requestId } from '@/api/http';
import type { At } from '@/api/queries';
import { useMay } from '@/shared/about';
import { count } from '@/shared/format';
import { Refusal } from '@/shared/State';

export function Remind({ node, at }: { node: string; at: At }) {
  const { t } = useTranslation();
  const may = useMay('report.remind');
  const sees = useMay('figure.read');
  const client = useQueryClient();
  const key = useRef(requestId());
  const remind = useMutation({
    mutationFn: () => missingRemind({ node, day: at.day, form: at.form }, { headers: { 'idempotency-key': key.current } }),
    onSuccess: () => {
      key.current = requestId();
      return client.invalidateQueries({ queryKey: ['outbox'] });
    },
  });
  if (!may) return null;
  const came = remind.data;
  return (
    <div className="missing-send">
      <button type="button" className="plain" disabled={remind.isPending} onClick={() => remind.mutate()} data-remind>
        {t('missing.send')}
      </button>
      {remind.isError && <Refusal error={remind.error} />}
      {came && (
        <div role="status" className="small" data-reminded={came.sent}>
          <p className={came.sent > 0 ? 'mark-good' : 'faint'}>● {t('missing.sent', { n: count(came.sent) })}</p>
          {came.already > 0 && <p className="faint">{t('missing.already', { n: count(came.already) })}</p>}
          {came.no_channel > 0 && <p className="mark-warn">◆ {t('missing.no_channel', { n: count(came.no_channel) })}</p>}
          {came.left > 0 && <p className="mark-warn">◆ {t('missing.left', { n: count(came.left) })}</p>}
          {!came.sending && <p className="mark-warn">◆ {t('outbound.not_sending')}</p>}
          {sees && (
            <p>
              <Link to="/outbox">{t('nav.outbox')}</Link>
            </p>
          )}
        </div>
      )}
    </div>
  );
}
