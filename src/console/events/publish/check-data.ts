/** Whether a text is JSON, before it is sent. The service checks everything else. */

/** What is wrong; null: it is JSON. */
export function checkData(text: string): string | null {
  if (text.trim() === '') return 'Expected JSON, got nothing.';
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is not JSON. The browser says: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Tags from one line: separated by commas. */
export const readTags = (text: string): readonly string[] =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
