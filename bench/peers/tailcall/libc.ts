import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../lib/launch.ts';

/** The release is linked against this version of glibc, or a later one. */
const wanted = [2, 39] as const;
const packages = ['libc6', 'libgcc-s1'];
const downloadLimitMs = 180_000;

export type Libc = {
  readonly version: string;
  /** How a program is started with it. */
  runs(program: string): { command: string; args: readonly string[] };
};

/**
 * The machine's own glibc where it is new enough; else that of Debian 13, unpacked in `folder` and left untouched by all else.
 *
 * @throws Error where neither can be had: on other systems, or without Debian's archive
 */
export async function findLibc(folder: string): Promise<Libc> {
  const own = spawnSync('getconf', ['GNU_LIBC_VERSION'], { encoding: 'utf8' }).stdout?.trim().split(' ')[1] ?? '';
  const [major = 0, minor = 0] = own.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1]))
    return { version: own, runs: (program) => ({ command: program, args: [] }) };
  const unpacked = join(folder, 'debian-13');
  const versionFile = join(unpacked, 'version');
  if (!existsSync(versionFile)) await unpack(folder, unpacked, versionFile);
  const libraries = join(unpacked, 'usr/lib/x86_64-linux-gnu');
  const args = ['--library-path', `${libraries}:/usr/lib/x86_64-linux-gnu`];
  return {
    version: (await readFile(versionFile, 'utf8')).trim(),
    runs: (program) => ({ command: join(libraries, 'ld-linux-x86-64.so.2'), args: [...args, program] }),
  };
}

/** Takes the packages from Debian's archive by apt, with lists of its own: those of the machine stay as they are. */
async function unpack(folder: string, unpacked: string, versionFile: string): Promise<void> {
  const apt = join(folder, 'apt');
  await mkdir(join(apt, 'lists/partial'), { recursive: true });
  await mkdir(join(apt, 'cache/archives/partial'), { recursive: true });
  const key = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const options = [
    `Dir::Etc::sourcelist=${apt}/sources.list`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${apt}/lists`,
    `Dir::Cache=${apt}/cache`,
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option]);
  try {
    await writeFile(join(apt, 'sources.list'), `deb ${key} ${archive()} trixie main\n`);
    await run('apt-get', [...options, 'update'], apt, downloadLimitMs);
    await run('apt-get', [...options, 'download', ...packages], apt, downloadLimitMs);
    const archives = readdirSync(apt).filter((name) => name.endsWith('.deb'));
    for (const archive of archives) await run('dpkg-deb', ['-x', join(apt, archive), unpacked], apt, downloadLimitMs);
    const libc = archives.find((name) => name.startsWith('libc6_')) ?? '';
    await writeFile(versionFile, `${libc.split('_')[1]} of Debian 13\n`);
  } catch (cause) {
    throw new Error(`SKIPPED: it wants glibc ${wanted.join('.')}, and that of Debian 13 could not be had`, { cause });
  }
}

/** Where the machine's own packages come from. */
function archive(): string {
  const asked = spawnSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages'], {
    encoding: 'utf8',
  });
  const first = asked.stdout?.split('\n').find((uri) => uri !== '' && !uri.includes('security'));
  if (first === undefined) throw new Error('apt has no archive here');
  return first;
}
