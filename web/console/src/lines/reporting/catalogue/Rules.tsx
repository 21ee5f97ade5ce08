// The rules of a form, as whoever fills it in meets them: what is told, at which field, and what follows.
import { useTranslation } from 'react-i18next';
import type { Rule } from '@/api/generated.schemas';
import { useNamed } from '@/shared/names';

type Props = { rules: Rule[]; element: (code: string) => string };

export function Rules({ rules, element }: Props) {
  const { t } = useTranslation();
  const named = useNamed();
  const test = (rule: Rule): string => {
    const of = rule.test;
    switch (of.kind) {
      case 'cel':
        return of.expression;
      case 'at_most':
        return t('catalogue.rule.at_most', { element: element(of.element), most: element(of.most) });
      case 'carried':
        return t(of.corrected ? 'catalogue.rule.carried_corrected' : 'catalogue.rule.carried', { cumulative: element(of.cumulative), new: element(of.new), corrected: element(of.corrected ?? '') });
      case 'jump':
        return t(of.down ? 'catalogue.rule.jump_down' : 'catalogue.rule.jump', { element: element(of.element), percent: of.percent, least: of.least ?? 0 });
      default:
        return t('catalogue.rule.never_falls', { element: element(of.element) });
    }
  };
  return (
    <section data-rules>
      <h3>{t('catalogue.rules', { n: rules.length })}</h3>
      <ol className="catalogue-items">
        {rules.map((rule) => (
          <li key={rule.code} data-rule={rule.code}>
            {named(rule.says)}
            <span className="faint">
              {' '}
              · {element(rule.at)} · {t(`catalogue.follows.${rule.follows}`)} · <code>{test(rule)}</code>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
