import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { onFreePorts, startDaemon } from './daemon.ts';
import { PASSWORD, PEOPLE } from './people.ts';
import { throwawayFolder } from './throwaway-folder.ts';

export interface Freeradius {
  readonly host: string;
  /** Wants Message-Authenticator in every request and puts it into every answer. */
  readonly port: number;
  /** The same people, but its answers carry no Message-Authenticator, as those of a server before 2024. */
  readonly unsignedPort: number;
  readonly secret: string;
  readonly people: typeof PEOPLE & {
    /** Password, then a challenge for the code. */
    readonly cal: { readonly name: string; readonly password: string; readonly code: string };
    /** Password, then a challenge for a new PIN, then one to repeat it. */
    readonly pia: { readonly name: string; readonly password: string };
  };
  stop: () => Promise<void>;
}

const SECRET = 'radius-secret-of-the-tests';
const RADIUS_PEOPLE = {
  ...PEOPLE,
  cal: { name: 'coded-cal', password: PASSWORD, code: '123456' },
  pia: { name: 'new-pin-pia', password: PASSWORD },
} as const;

/** A FreeRADIUS with PAP, CHAP and challenges of two and three rounds. */
export function startFreeradius(): Promise<Freeradius> {
  return onFreePorts(start);
}

async function start(): Promise<Freeradius> {
  const folder = await throwawayFolder('freeradius');
  const [port, unsignedPort] = [await freePort(), await freePort()];
  await writeFile(join(folder.path, 'people'), peopleFile());
  await writeFile(join(folder.path, 'radiusd.conf'), configuration(folder.path, port, unsignedPort));
  const daemon = await startDaemon({
    command: 'freeradius',
    args: ['-f', '-l', 'stdout', '-d', folder.path],
    folder: folder.path,
    isReady: (log) => log.includes('Ready to process requests'),
  });
  return {
    host: '127.0.0.1',
    port,
    unsignedPort,
    secret: SECRET,
    people: RADIUS_PEOPLE,
    async stop() {
      await daemon.stop();
      await folder.remove();
    },
  };
}

function configuration(folder: string, port: number, unsignedPort: number): string {
  return `
prefix = /usr
libdir = /usr/lib/freeradius
logdir = ${folder}
run_dir = ${folder}
pidfile = ${folder}/radiusd.pid
log {
  destination = stdout
  auth = no
}
security {
  reject_delay = 0
  status_server = yes
  allow_vulnerable_openssl = yes
}
modules {
  always ok {
    rcode = ok
  }
  pap {
  }
  chap {
  }
  always reject {
    rcode = reject
  }
  always handled {
    rcode = handled
  }
  files {
    filename = ${folder}/people
  }
}
policy {
  challenge {
    update control {
      Response-Packet-Type = Access-Challenge
    }
    handled
  }
}
${server('signed', port, 'yes')}
${server('unsigned', unsignedPort, 'no')}
`;
}

function server(name: 'signed' | 'unsigned', port: number, isSigned: 'yes' | 'no'): string {
  const sign = isSigned === 'yes' ? 'update reply {\n Message-Authenticator := 0x00\n }' : '';
  return `
server ${name} {
  listen {
    type = auth
    ipaddr = 127.0.0.1
    port = ${port}
    clients = clients_${name}
  }
  authorize {
    Autz-Type Status-Server {
      ${sign}
      ok
    }
    files
    if (!&State) {
      chap
      pap
    }
    elsif (&session-state:Tmp-String-0 == "code") {
      if (&User-Password == "${RADIUS_PEOPLE.cal.code}") {
        update control {
          Auth-Type := Accept
        }
      }
      else {
        reject
      }
    }
    elsif (&session-state:Tmp-String-0 == "new-pin") {
      update control {
        Auth-Type := RepeatPin
      }
    }
    elsif (&session-state:Tmp-String-0 == "repeat-pin") {
      if (&User-Password == &session-state:Tmp-String-1) {
        update control {
          Auth-Type := Accept
        }
      }
      else {
        reject
      }
    }
    else {
      reject
    }
  }
  authenticate {
    Auth-Type PAP {
      pap
      ${challenges()}
    }
    Auth-Type CHAP {
      chap
      ${challenges()}
    }
    Auth-Type RepeatPin {
      ${challenge('repeat-pin', 'Enter the new PIN again', '&User-Password')}
    }
  }
  post-auth {
    ${sign}
    Post-Auth-Type REJECT {
      ${sign}
    }
    Post-Auth-Type Challenge {
      ${sign}
    }
  }
}
clients clients_${name} {
  client loopback {
    ipaddr = 127.0.0.1
    secret = ${SECRET}
    require_message_authenticator = ${isSigned}
  }
}`;
}

function challenges(): string {
  return `
      if (&User-Name == "${RADIUS_PEOPLE.cal.name}") {
        ${challenge('code', 'Enter the code from your token')}
      }
      elsif (&User-Name == "${RADIUS_PEOPLE.pia.name}") {
        ${challenge('new-pin', 'Enter a new PIN of 4 to 8 digits')}
      }`;
}

function challenge(state: string, message: string, keep?: string): string {
  return `
        update session-state {
          Tmp-String-0 := "${state}"
          ${keep === undefined ? '' : `Tmp-String-1 := ${keep}`}
        }
        update reply {
          Reply-Message := "${message}"
        }
        challenge`;
}

/** As the users file of a department would have it. */
function peopleFile(): string {
  const { dan, ed, mia, ...others } = RADIUS_PEOPLE;
  const refused = (name: string, message: string): string =>
    `"${name}" Auth-Type := Reject\n\tReply-Message := "${message}"\n`;
  const known = ({ name, password }: { name: string; password: string }): string =>
    `"${name}" Cleartext-Password := "${password}"\n\tClass := "old-member"\n`;
  return [
    refused(dan.name, 'Account disabled'),
    refused(ed.name, 'Password expired'),
    refused(mia.name, 'Password must be changed'),
    ...Object.values(others).map(known),
  ].join('\n');
}
