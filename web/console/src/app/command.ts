// The directive pages belong to another line; they appear in the menu when their file is there.
type Page = { default: React.ComponentType };

const found = import.meta.glob<Page>('../lines/command/{Notices,Notice}.tsx');
export const notices = found['../lines/command/Notices.tsx'];
export const notice = found['../lines/command/Notice.tsx'];
