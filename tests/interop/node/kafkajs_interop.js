// Produces and consumes with kafkajs, each codec byte for byte, then as a group of two members.
// node kafkajs_interop.js BOOTSTRAP
"use strict";

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { Kafka, CompressionCodecs, CompressionTypes, logLevel } = require("kafkajs");
const SnappyCodec = require("kafkajs-snappy");
const lz4 = require("lz4js");
const { ZstdCodec } = require("zstd-codec");

const kafka = new Kafka({
  clientId: "kafkajs",
  brokers: process.argv[2].split(","),
  logLevel: logLevel.ERROR,
});

const values = [
  Buffer.from("a line of text, again and again; ".repeat(60)),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  crypto.createHash("sha512").update("fixed").digest(),
  Buffer.alloc(0),
  Buffer.from("žluťoučký kůň 日本"),
  Buffer.alloc(100_000, "x"),
  null,
];
const headers = { trace: Buffer.from("1"), binary: Buffer.from([0, 1, 254, 255]) };

function within(promise, seconds, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// kafkajs knows none and gzip by itself; the others are given to it.
async function installCodecs() {
  CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
  });
  const zstd = await new Promise((resolve) => {
    ZstdCodec.run((loaded) => resolve(new loaded.Simple()));
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
  });
}

async function create(topic, numPartitions) {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions, replicationFactor: 3 }],
  });
  await admin.disconnect();
}

async function send(topic, messages, compression = CompressionTypes.None) {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, compression, messages });
  await producer.disconnect();
}

// Reads a topic from its beginning until `count` messages are there.
async function read(topic, groupId, count) {
  const consumer = kafka.consumer({ groupId });
  const messages = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const done = new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, (event) => reject(event.payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        messages.push(message);
        if (messages.length >= count) resolve();
      },
    }).catch(reject);
  });
  await within(done, 60, `${count} messages of ${topic}`);
  await consumer.disconnect();
  return messages;
}

async function checkCodec(name, compression) {
  const topic = `kafkajs-${name}`;
  await create(topic, 1);
  const sent = values.map((value, at) => ({ key: Buffer.from([at, 0, 255]), value, headers }));
  await send(topic, sent, compression);
  const messages = await read(topic, `kafkajs-reads-${name}`, values.length);
  assert.equal(messages.length, values.length);
  messages.forEach((message, at) => {
    assert.equal(message.offset, String(at));
    assert.deepEqual(message.key, Buffer.from([at, 0, 255]));
    assert.deepEqual(message.value, values[at]);
    assert.deepEqual({ ...message.headers }, headers);
  });
  console.log(`kafkajs: ${name} comes back byte for byte ... ok`);
}

async function checkGroup() {
  const topic = "kafkajs-group";
  await create(topic, 4);
  const count = 200;
  const owned = [[], []];
  const seen = [];
  let finish;
  const finished = new Promise((resolve) => { finish = resolve; });
  let split;
  const bothHaveTwo = new Promise((resolve) => { split = resolve; });
  const members = owned.map(() => kafka.consumer({ groupId: "kafkajs-readers" }));
  for (const [which, member] of members.entries()) {
    member.on(member.events.GROUP_JOIN, ({ payload }) => {
      owned[which] = payload.memberAssignment[topic] || [];
      if (owned.every((partitions) => partitions.length === 2)) split();
    });
    await member.connect();
    await member.subscribe({ topic, fromBeginning: true });
    await member.run({
      eachMessage: async ({ message }) => {
        seen.push(message.value.toString());
        if (seen.length >= count) finish();
      },
    });
  }
  await within(bothHaveTwo, 90, "two members with two partitions each");
  assert.deepEqual([...owned[0], ...owned[1]].sort(), [0, 1, 2, 3]);
  const sent = Array.from({ length: count }, (_, at) => `record ${at}`);
  await send(topic, sent.map((value, at) => ({ value, partition: at % 4 })));
  await within(finished, 60, "every record of the group");
  assert.deepEqual(seen.sort(), sent.sort());
  for (const member of members) await member.disconnect();
  console.log("kafkajs: two members split four partitions and read every record once ... ok");
}

async function main() {
  await installCodecs();
  await checkCodec("none", CompressionTypes.None);
  await checkCodec("gzip", CompressionTypes.GZIP);
  await checkCodec("snappy", CompressionTypes.Snappy);
  await checkCodec("lz4", CompressionTypes.LZ4);
  await checkCodec("zstd", CompressionTypes.ZSTD);
  await checkGroup();
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
