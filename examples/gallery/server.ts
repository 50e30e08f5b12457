import { createShopClock, pictureId } from '../lib/data/facts.ts';
import { type Angle, createPictures, describeBytes, type Picture } from '../lib/data/pictures.ts';
import type { FormFile } from '../lib/rest/form.ts';
import { notFound } from '../lib/rest/problem.ts';
import { type RestHandlers, startRestServer } from '../lib/rest/server.ts';
import type { RunningServer } from '../lib/running-server.ts';
import { createTable } from '../lib/table.ts';

type Upload = { productId: string; file: FormFile; angle: Angle; caption?: string; position?: number };

type PictureFilter = { ids?: string[]; productIds?: string[]; angle?: Angle; limit: number; offset: number };

/** Uploads are larger than other rows, so fewer of them are kept. */
const MAX_PICTURES = 2000;

/**
 * Starts the gallery service: pictures of products over REST, by `sources/gallery/openapi.yaml` (Swagger 2.0).
 * What callers upload lives until the server stops.
 *
 * @param options `port` 0 takes a free one (default 0); `host` defaults to 127.0.0.1
 */
export async function startGallery(options: { port?: number; host?: string } = {}): Promise<RunningServer> {
  return await startRestServer({
    contract: new URL('../../sources/gallery/openapi.yaml', import.meta.url),
    handlers: createHandlers(),
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
}

function createHandlers(): RestHandlers {
  const now = createShopClock();
  const pictures = createTable<Picture, 'productId'>(createPictures(), {
    id: (row) => row.id,
    indexes: { productId: (row) => row.productId },
    maxRows: MAX_PICTURES,
  });
  let nextPicture = 10_001;

  function getPicture(id: string | undefined): Picture {
    const found = pictures.get(id ?? '');
    if (found === undefined) {
      throw notFound('picture', id ?? '');
    }
    return found;
  }

  return {
    pictures: ({ query }) => {
      const { ids, productIds, angle, limit, offset } = query as PictureFilter;
      const found = ids ? pictures.byIds(ids) : productIds && pictures.by('productId', productIds);
      const rows = (found ?? pictures.all()).filter(
        (row) =>
          (angle === undefined || row.angle === angle) &&
          (productIds === undefined || productIds.includes(row.productId)),
      );
      return { status: 200, body: (found === undefined ? rows.slice(offset, offset + limit) : rows).map(publicRow) };
    },
    addPicture: ({ body }) => {
      const { productId, file, angle, caption = null, position } = body as Upload;
      const picture: Picture = {
        id: pictureId(nextPicture),
        productId,
        angle,
        caption,
        position: position ?? pictures.by('productId', [productId]).length,
        ...describeBytes(file.bytes, file.type),
        uploadedAt: now(),
      };
      nextPicture += 1;
      pictures.put(picture);
      return { status: 201, body: publicRow(picture) };
    },
    picture: ({ path }) => ({ status: 200, body: publicRow(getPicture(path['pictureId'])) }),
    updatePicture: ({ path, body }) => {
      const picture = { ...getPicture(path['pictureId']), ...(body as Partial<Picture>) };
      pictures.put(picture);
      return { status: 200, body: publicRow(picture) };
    },
    deletePicture: ({ path }) => {
      pictures.remove(getPicture(path['pictureId']).id);
      return { status: 204 };
    },
    pictureFile: ({ path }) => {
      const { bytes } = getPicture(path['pictureId']);
      return { status: 200, file: { type: 'application/octet-stream', bytes } };
    },
  };
}

function publicRow({ bytes: _bytes, ...row }: Picture): Omit<Picture, 'bytes'> {
  return row;
}
