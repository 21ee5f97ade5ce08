// A letter as it is shown once: its address, a code for a telephone's camera, and what to do with it.
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { LetterBody } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { useCopy } from '@/shared/copy';
import { minute } from './seats';

const Code = lazy(() => import('./LetterCode'));

/** An address that only this machine knows opens nothing in anybody's hand. */
const isOwnMachine = (host: string) => /^(localhost|127\.|\[::1\])/.test(host);

export function Letter({ letter, name }: { letter: LetterBody; name: string }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [copied, copy] = useCopy();
  // In the fragment: that is sent to no server, and stands in no log.
  const address = `${location.origin}/letter#${letter.token}`;
  return (
    <section className="card card-pad letter" data-letter aria-live="polite">
      <h2>{t('letter.title', { name })}</h2>
      <p className="letter-words">{t('letter.words')}</p>
      {about.login === 'demo' && <p className="mark-warn">◆ {t('letter.demo')}</p>}
      {about.login !== 'demo' && isOwnMachine(location.host) && <p className="mark-warn letter-own">◆ {t('letter.own', { host: location.host })}</p>}
      <div className="letter-both">
        <div className="letter-code">
          <Suspense fallback={null}>
            <Code address={address} title={t('letter.code')} />
          </Suspense>
        </div>
        <div className="letter-text">
          <p className="letter-address num" data-address>
            {address}
          </p>
          <p className="change-go">
            <button type="button" className="act" onClick={() => copy(address)} data-copy>
              {t(copied === 'yes' ? 'letter.copied' : copied === 'failed' ? 'letter.copy_failed' : 'letter.copy')}
            </button>
          </p>
          <p>{t('letter.until', { when: minute(letter.expires_at) })}</p>
          <p className="faint">{t('letter.once')}</p>
        </div>
      </div>
    </section>
  );
}
