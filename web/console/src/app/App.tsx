import { legacyLogicalPropertiesTransformer, StyleProvider } from '@ant-design/cssinjs';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import ConfigProvider from 'antd/es/config-provider';
import { Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RouterProvider } from 'react-router/dom';
import { Problem } from '@/api/http';
import { linkRead, noLink, sessionRead } from '@/api/queries';
import { Waiting } from '@/shared/State';
import { router } from './routes';
import { antTheme } from './tokens';

// A session that ended while a page was open: the frame of every page then leads to the login.
const ended = (e: unknown) => {
  if (e instanceof Problem && e.body.code === 'session.needed') client.setQueryData(sessionRead().queryKey, null);
  // So a link that was ended: whoever has it open is told.
  if (e instanceof Problem && (e.body.code === 'link.needed' || e.body.code === 'link.ended')) client.setQueryData(linkRead().queryKey, noLink(e.body.code));
  // A role that was taken away meanwhile: who it is may do less than this page believed.
  if (e instanceof Problem && e.body.code === 'permission.lacking') void client.invalidateQueries({ queryKey: sessionRead().queryKey });
};

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: ended }),
  mutationCache: new MutationCache({ onError: ended }),
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // What the server refused stays refused; only an unanswered or busy one is worth asking again.
      retry: (n, e) => n < 2 && (!(e instanceof Problem) || e.unanswered || e.status === 503 || e.status === 429),
    },
  },
});

const ANT_LOCALES = {
  'zh-CN': () => import('antd/locale/zh_CN'),
  'zh-TW': () => import('antd/locale/zh_TW'),
  en: () => import('antd/locale/en_US'),
};

/** Until the words of Ant Design are there. Not `undefined`: with none the tree is another, and every page would begin anew, without what it held. */
const UNTOLD = { locale: '' };

function useAntLocale() {
  const { i18n } = useTranslation();
  const [locale, setLocale] = useState<Awaited<ReturnType<(typeof ANT_LOCALES)['en']>>['default']>();
  const language = i18n.language as keyof typeof ANT_LOCALES;
  useEffect(() => {
    let current = true;
    void ANT_LOCALES[language]().then((m) => current && setLocale(m.default));
    return () => {
      current = false;
    };
  }, [language]);
  return locale;
}

export function App() {
  const locale = useAntLocale();
  const { i18n } = useTranslation();
  // Names and findings come from the server in the reader's language: after a switch all is asked again.
  useEffect(() => {
    const again = () => void client.invalidateQueries();
    i18n.on('languageChanged', again);
    return () => i18n.off('languageChanged', again);
  }, [i18n]);
  return (
    <StyleProvider hashPriority="high" transformers={[legacyLogicalPropertiesTransformer]}>
      <ConfigProvider theme={antTheme} locale={locale ?? UNTOLD}>
        <QueryClientProvider client={client}>
          <Suspense fallback={<Waiting />}>
            <RouterProvider router={router} />
          </Suspense>
        </QueryClientProvider>
      </ConfigProvider>
    </StyleProvider>
  );
}
