/**
 * Runs a sample of the console in its language. Each driver reads lines of id, time, signatures, body (base64), secrets (with
 * spaces between them) and now, with tabs between these, and writes a line of true or false for each.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from '../../../../src/console/targets/secret/verification-code.ts';
import { createFolder } from '../../../support/processes/reaper.ts';
import { runProcess } from '../../../support/processes/start.ts';

type Driver = {
  readonly files: Readonly<Record<string, string>>;
  /** Where the sample stands. Default: beside the files. */
  readonly folder?: string;
  /** Programs with their arguments: run one after the other in the folder; the last one reads the lines. */
  readonly commands: readonly (readonly [program: string, ...args: string[]])[];
};

const DRIVERS: Readonly<Record<string, Driver>> = {
  'Node.js': {
    files: {
      'main.mjs': `
        import { readFileSync } from 'node:fs';
        import { isGenuine } from './verify.mjs';
        for (const line of readFileSync(0, 'utf8').trimEnd().split('\\n')) {
          const [id, timestamp, signatures, body, secrets, now] = line.split('\\t');
          const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures };
          console.log(isGenuine(headers, Buffer.from(body, 'base64'), secrets.split(' '), Number(now)));
        }`,
    },
    commands: [[process.execPath, 'main.mjs']],
  },
  Python: {
    files: {
      'main.py': `
import base64, sys
from verify import is_genuine
for line in sys.stdin.read().rstrip("\\n").split("\\n"):
    id, timestamp, signatures, body, secrets, now = line.split("\\t")
    headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures}
    print(str(is_genuine(headers, base64.b64decode(body), secrets.split(" "), int(now))).lower())
`,
    },
    commands: [['python3', '-B', 'main.py']],
  },
  Go: {
    files: {
      'go.mod': 'module sample\n\ngo 1.20\n',
      'main.go': `package main
import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"sample/webhooks"
	"strconv"
	"strings"
)
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		part := strings.Split(lines.Text(), "\\t")
		body, _ := base64.StdEncoding.DecodeString(part[3])
		now, _ := strconv.ParseInt(part[5], 10, 64)
		fmt.Println(webhooks.IsGenuine(part[0], part[1], part[2], body, strings.Split(part[4], " "), now))
	}
}`,
    },
    folder: 'webhooks',
    commands: [['go', 'build', '-o', 'run'], ['./run']],
  },
  Java: {
    files: {
      'Main.java': `
import java.util.*;
public class Main {
  public static void main(String[] args) throws Exception {
    Scanner lines = new Scanner(System.in, "UTF-8").useDelimiter("\\n");
    while (lines.hasNext()) {
      String[] parts = lines.next().split("\\t", -1);
      byte[] body = Base64.getDecoder().decode(parts[3]);
      List<String> secrets = Arrays.asList(parts[4].split(" "));
      System.out.println(Webhooks.isGenuine(parts[0], parts[1], parts[2], body, secrets, Long.parseLong(parts[5])));
    }
  }
}`,
    },
    commands: [
      ['javac', 'Webhooks.java', 'Main.java'],
      ['java', 'Main'],
    ],
  },
  Ruby: {
    files: {
      'main.rb': `
require_relative 'verify'
$stdin.each_line(chomp: true) do |line|
  id, timestamp, signatures, body, secrets, now = line.split("\\t", -1)
  headers = { 'webhook-id' => id, 'webhook-timestamp' => timestamp, 'webhook-signature' => signatures }
  puts genuine?(headers, body.unpack1('m0'), secrets.split(' '), now.to_i)
end`,
    },
    commands: [['ruby', 'main.rb']],
  },
  PHP: {
    files: {
      'main.php': `<?php
require 'verify.php';
foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $line) {
    [$id, $timestamp, $signatures, $body, $secrets, $now] = explode("\\t", $line);
    $headers = ['webhook-id' => $id, 'webhook-timestamp' => $timestamp, 'webhook-signature' => $signatures];
    echo json_encode(is_genuine($headers, base64_decode($body), explode(' ', $secrets), (int) $now)), "\\n";
}`,
    },
    commands: [['php', 'main.php']],
  },
};

export type Request = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly secrets: readonly string[];
};

/** What the sample says of each request; null: this machine does not have the language. */
export async function judge(sample: Sample, requests: readonly Request[], now: number): Promise<boolean[] | null> {
  const { files, folder = '.', commands } = DRIVERS[sample.language]!;
  await using place = await createFolder('hookcast-sample-');
  await mkdir(join(place.path, folder), { recursive: true });
  for (const [name, text] of Object.entries({ ...files, [join(folder, sample.file)]: sample.code })) {
    await writeFile(join(place.path, name), text);
  }
  const input = requests.map(({ headers, body, secrets }) =>
    [
      ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]),
      Buffer.from(body).toString('base64'),
      secrets.join(' '),
      now,
    ].join('\t'),
  );
  try {
    let stdout = '';
    for (const [program, ...args] of commands) {
      ({ stdout } = await runProcess(program, args, { cwd: place.path, input: `${input.join('\n')}\n` }));
    }
    return stdout
      .trim()
      .split('\n')
      .map((line) => line === 'true');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
