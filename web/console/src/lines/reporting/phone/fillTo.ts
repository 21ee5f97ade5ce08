/** The address at which a unit's day is filled in: short where it is today's and of the usual form. */
export function fillTo(unit: string, day: string, today: string, form?: string | null): string {
  const params = new URLSearchParams({ unit });
  if (day !== today) params.set('day', day);
  if (form) params.set('form', form);
  return `/phone?${params.toString()}`;
}
