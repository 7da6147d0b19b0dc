/**
 * Copies the text as it is. Resolves with whether it was copied. Browsers offer their clipboard to secure pages only, and
 * refuse it in a frame that is not allowed it: then the text is copied from a field that nobody sees.
 */
export async function copyText(text: string): Promise<boolean> {
  // Undefined: there is no clipboard.
  const written = navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  return (await written) || copyFromField(text);
}

function copyFromField(text: string): boolean {
  const focused = document.activeElement;
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden';
  // Nothing outside of an open dialog can have the focus.
  (focused?.closest('dialog') ?? document.body).append(field);
  field.focus({ preventScroll: true });
  field.select();
  const isCopied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return isCopied;
}
