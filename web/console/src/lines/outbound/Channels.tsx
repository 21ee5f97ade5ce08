// By what a unit is reached: each channel, whether it may be reached, trying it, saying it anew, ending it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { channelEnd, channelTest } from '@/api/generated';
import type { Channel } from '@/api/generated.schemas';
import { channelList } from '@/api/queries';
import { Nothing, Refusal, Show } from '@/shared/State';
import { ChannelForm } from './ChannelForm';
import { useOnce } from './useOnce';

function One({ unit, channel, sending, change }: { unit: string; channel: Channel; sending: boolean; change: () => void }) {
  const { t } = useTranslation();
  const [ending, setEnding] = useState(false);
  const test = useOnce((code: string, once) => channelTest(unit, code, once));
  const end = useOnce((code: string, once) => channelEnd(unit, code, once), () => setEnding(false));
  return (
    <li className="outbound-channel" data-channel={channel.code} data-allowed={String(channel.allowed)}>
      <p>
        <b>{channel.code}</b> <span>{t(`outbound.kinds.${channel.kind}`)}</span> <span className="faint">{channel.host}</span>
        {channel.quiet_from && (
          <span className="faint num">
            {' '}
            {t('outbound.quiet')} {channel.quiet_from}–{channel.quiet_until}
          </span>
        )}
      </p>
      {/* Where nothing is sent at all, that is said above. */}
      {sending && !channel.allowed && <p className="mark-warn small">◆ {t('outbound.not_allowed')}</p>}
      <p className="change-go">
        <button type="button" className="plain" disabled={test.isPending} onClick={() => test.mutate(channel.code)} data-test>
          {t('outbound.test')}
        </button>
        <button type="button" className="plain" onClick={change} data-change>
          {t('outbound.anew')}
        </button>
        {ending ? (
          <>
            <button type="button" className="plain mark-bad" disabled={end.isPending} onClick={() => end.mutate(channel.code)} data-end-sure>
              {t('outbound.end_sure')}
            </button>
            <button type="button" className="plain" onClick={() => setEnding(false)}>
              {t('outbound.leave')}
            </button>
          </>
        ) : (
          <button type="button" className="plain" onClick={() => setEnding(true)} data-end>
            {t('outbound.end')}
          </button>
        )}
      </p>
      {test.isSuccess && (
        <p className="mark-good small" role="status" data-tested>
          ● {t('outbound.tested')}
        </p>
      )}
      {(test.isError || end.isError) && <Refusal error={test.error ?? end.error} />}
    </li>
  );
}

export function Channels({ unit }: { unit: string }) {
  const { t } = useTranslation();
  const query = useQuery(channelList(unit));
  /** What is being said: '' a new one, else the code of one that is there. */
  const [saying, setSaying] = useState<string | null>(null);
  return (
    <section className="card card-pad" data-channels={unit}>
      <h2>{t('outbound.channels', { unit })}</h2>
      <p className="faint small">{t('outbound.channels_sub')}</p>
      <Show query={query}>
        {(list) => (
          <>
            {list.items.length === 0 && saying === null && <Nothing>{t('outbound.none')}</Nothing>}
            <ul>
              {list.items.map((channel) =>
                saying === channel.code ? (
                  <li key={channel.code}>
                    <ChannelForm unit={unit} was={channel} close={() => setSaying(null)} />
                  </li>
                ) : (
                  <One key={channel.code} unit={unit} channel={channel} sending={list.sending} change={() => setSaying(channel.code)} />
                ),
              )}
            </ul>
            {saying === '' && <ChannelForm unit={unit} close={() => setSaying(null)} />}
            {saying === null && (
              <p className="change-go">
                <button type="button" className="act" onClick={() => setSaying('')} data-add>
                  {t('outbound.add')}
                </button>
              </p>
            )}
          </>
        )}
      </Show>
    </section>
  );
}
