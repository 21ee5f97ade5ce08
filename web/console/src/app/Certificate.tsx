// The server's certificate nears its end: told to whoever governs the system, on every page, since browsers will tell everybody else.
import { useTranslation } from 'react-i18next';
import { useAbout, useMayInWhole } from '@/shared/about';
import { useDayText } from '@/shared/format';

export function Certificate() {
  const { t } = useTranslation();
  const dayText = useDayText();
  const { about } = useAbout();
  // The office runs the operation; once administrators are appointed, the one who keeps accounts looks after the system.
  const office = useMayInWhole('form.set');
  const system = useMayInWhole('account.set');
  const held = about.certificate;
  if (!held || held.standing === 'good' || !(office || system)) return null;
  const day = dayText(held.ends_at.slice(0, 10));
  return (
    <p className="stale" role="status" data-certificate={held.standing}>
      ◆ {t(`shell.certificate.${held.standing}`, { day, days: held.days_left })}
    </p>
  );
}
