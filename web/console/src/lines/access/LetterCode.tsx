import { QRCodeSVG } from 'qrcode.react';

/** An address for the camera of a telephone. A file of its own: only who writes a letter loads it. */
export default function LetterCode({ address, title }: { address: string; title: string }) {
  return <QRCodeSVG value={address} size={208} level="M" marginSize={4} title={title} role="img" />;
}
