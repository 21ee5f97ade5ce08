// My authenticator: set up by scanning a code and saying what it shows, taken away by what it shows.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { totpBegin, totpConfirm, totpEnd } from '@/api/generated';
import type { TotpShown } from '@/api/generated.schemas';
import { totpRead } from '@/api/queries';
import { Refusal, Show } from '@/shared/State';
import { Asked } from '../deeds';

const Code = lazy(() => import('../LetterCode'));
const DIGITS = /^\d{6}$/;

/** Six digits, however they are grouped, and what is done by them. */
function Digits({ name, go, act, done }: { name: string; go: string; act: (code: string) => Promise<unknown>; done: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const digits = code.replace(/\s/g, '');
  const say = useMutation({
    mutationFn: () => act(digits),
    onSuccess: async () => {
      done();
      await client.invalidateQueries();
    },
    // One that was wrong is typed anew.
    onError: () => setCode(''),
  });
  return (
    <form
      className="login-form"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (DIGITS.test(digits) && !say.isPending) say.mutate();
      }}
    >
      <label>
        {t('me.totp_digits')}
        <input inputMode="numeric" autoComplete="one-time-code" value={code} maxLength={9} onChange={(e) => setCode(e.target.value)} data-digits={name} />
      </label>
      {say.isError && <Refusal error={say.error} />}
      <button type="submit" className="act" disabled={!DIGITS.test(digits) || say.isPending} data-say={name}>
        {go}
      </button>
    </form>
  );
}

function Shown({ totp, done }: { totp: TotpShown; done: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="letter-both totp-shown" data-totp-shown>
      <div className="letter-code">
        <Suspense fallback={null}>
          <Code address={totp.uri} title={t('me.totp_code')} />
        </Suspense>
      </div>
      <div className="letter-text">
        <p>{t('me.totp_scan')}</p>
        <p className="faint">{t('me.totp_type')}</p>
        <p className="letter-address num" data-totp-secret>
          {totp.secret.replace(/(.{4})(?=.)/g, '$1 ')}
        </p>
        <Digits name="confirm" go={t('me.totp_confirm')} act={(code) => totpConfirm({ code })} done={done} />
      </div>
    </div>
  );
}

function Begin({ done }: { done: () => void }) {
  const { t } = useTranslation();
  const begin = useMutation({ mutationFn: () => totpBegin() });
  if (begin.data) return <Shown totp={begin.data} done={done} />;
  return (
    <>
      {begin.isError && <Refusal error={begin.error} />}
      <p className="change-go">
        <button type="button" className="plain" disabled={begin.isPending} onClick={() => begin.mutate()} data-totp-begin>
          {t('me.totp_begin')}
        </button>
      </p>
    </>
  );
}

export function Totp() {
  const { t } = useTranslation();
  const state = useQuery(totpRead());
  const [done, setDone] = useState<'set' | 'ended' | null>(null);
  return (
    <section className="card card-pad" data-totp={state.data?.set}>
      <h2>{t('me.totp')}</h2>
      {done && (
        <p className="done" role="status" data-totp-done={done}>
          ● {t(`me.totp_${done}`)}
        </p>
      )}
      <Show query={state}>
        {({ set }) =>
          set ? (
            <>
              <p className="faint">{t('me.totp_on')}</p>
              <Asked name="totp-end" open={t('me.totp_end')}>
                {() => (
                  <div>
                    <p>{t('me.totp_end_about')}</p>
                    <Digits name="end" go={t('me.totp_end')} act={(code) => totpEnd({ code })} done={() => setDone('ended')} />
                  </div>
                )}
              </Asked>
            </>
          ) : (
            <>
              <p className="faint">{t('me.totp_off')}</p>
              <Begin done={() => setDone('set')} />
            </>
          )
        }
      </Show>
    </section>
  );
}
