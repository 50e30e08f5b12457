import { createRandom } from '../random.ts';
import {
  BEYOND_SAFE_INTEGER,
  COUNTS,
  customerId,
  DAY_MS,
  instant,
  isForgottenCustomer,
  SHOP_NOW_MS,
  SHOP_OPENED_MS,
} from './facts.ts';

export type CustomerTier = 'standard' | 'gold' | 'gold-plus';

export type Address = { street: string; city: string; postalCode: string; country: string };

export type Customer = {
  id: string;
  name: string;
  email: string;
  nickname: string | null;
  tier: CustomerTier;
  address: Address;
  ledgerId: bigint;
  loyaltyPoints: number;
  createdAt: string;
  fax?: string;
};

const FIRST_NAMES = [
  ...['Mira', 'Jonas', 'Aiko', 'Tariq', 'Lena', 'Paulo', 'Nadia', 'Oskar', 'Ines', 'Bram'],
  ...['Chiara', 'Femi', 'Greta', 'Hugo', 'Ivana', 'Kofi', 'Lotte', 'Mateo', 'Nora', 'Emil'],
];
const LAST_NAMES = [
  ...['Okafor', 'Lindqvist', 'Tanaka', 'Haddad', 'Vermeer', 'Costa', 'Petrova', 'Nielsen', 'Moreau', 'Janssens'],
  ...['Ricci', 'Adeyemi', 'Baumann', 'Fontaine', 'Kovač', 'Mensah', 'De Smet', 'Alvarez', 'Byrne', 'Larsen'],
];
const STREETS = ['Mill Lane', 'Harbour Street', 'Station Road', 'Orchard Row', 'Canal Side', 'Market Square'];
const CITIES = [
  { city: 'Ghent', postalCode: '9000', country: 'BE' },
  { city: 'Rotterdam', postalCode: '3011', country: 'NL' },
  { city: 'Leipzig', postalCode: '04109', country: 'DE' },
  { city: 'Lyon', postalCode: '69002', country: 'FR' },
  { city: 'Porto', postalCode: '4000', country: 'PT' },
  { city: 'Aarhus', postalCode: '8000', country: 'DK' },
] as const;

/** All customers that were not forgotten, by id; the same rows on every call. */
export function createCustomers(): Customer[] {
  const random = createRandom(1001);
  const customers: Customer[] = [];
  for (let number = 1; number <= COUNTS.customers; number += 1) {
    const first = random.pick(FIRST_NAMES);
    const last = random.pick(LAST_NAMES);
    const name = `${first} ${last}`;
    const roll = random.next();
    const customer: Customer = {
      id: customerId(number),
      name,
      email: `${mailbox(first)}.${mailbox(last)}.${number}@mail.example`,
      nickname: random.chance(0.35) ? first.slice(0, 2) : null,
      tier: roll < 0.7 ? 'standard' : roll < 0.92 ? 'gold' : 'gold-plus',
      address: { street: `${random.integer(1, 180)} ${random.pick(STREETS)}`, ...random.pick(CITIES) },
      ledgerId: BEYOND_SAFE_INTEGER + BigInt(number) * 1000n,
      loyaltyPoints: random.integer(0, 9000),
      createdAt: instant(SHOP_OPENED_MS + random.integer(0, (SHOP_NOW_MS - SHOP_OPENED_MS) / DAY_MS - 60) * DAY_MS),
      ...(number % 10 === 0 ? { fax: `+32 9 555 ${String(number).padStart(4, '0')}` } : {}),
    };
    if (!isForgottenCustomer(number)) {
      customers.push(customer);
    }
  }
  return customers;
}

function mailbox(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
}
