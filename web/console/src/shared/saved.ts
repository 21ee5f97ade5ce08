/** Gives the reader a file of their own to keep: JSON, indented as one reads it. */
export function saved(name: string, data: unknown): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(data, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has it by then; what it holds is personal, and need not stay in memory.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
