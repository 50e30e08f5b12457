/** How a body is read whose media type alone says what it is. */
import { essenceOf, isJsonType, isXmlType } from '../../lib/media-types.ts';

/**
 * Whether a body is surely no JSON by what it calls itself: pages, XML, documents and media. Others are read all the same, since many
 * call their JSON `text/plain`, or nothing at all.
 */
export function isOtherType(mediaType: string): boolean {
  if (mediaType === '' || mediaType.startsWith('application/json') || isJsonType(mediaType)) return false;
  return isXmlType(mediaType) || OTHER.test(essenceOf(mediaType));
}

const OTHER = /^(text\/(html|css|csv)|application\/(pdf|zip|gzip)|(image|audio|video|font|multipart)\/.*)$/;

/** Whether a body is read as text, not as bytes. */
export function isTextType(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  if (essence.startsWith('text/') || isXmlType(essence) || /;\s*charset=/i.test(mediaType)) return true;
  return /^application\/((x-)?yaml|(x-)?javascript|graphql|sql|x-www-form-urlencoded|x-sh|toml)$|\+yaml$/.test(essence);
}
