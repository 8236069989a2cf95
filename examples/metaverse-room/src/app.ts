import { Engine } from '@babylonjs/core/Engines/engine';
import { Scene } from '@babylonjs/core/scene';
import type { Room } from '@colyseus/sdk';
import type { FaceQuestion } from '@parley/babylon';
import { CameraRig } from './avatar/camera-rig.ts';
import { createControls, ownsKeys } from './avatar/controls.ts';
import { OwnVisitor } from './avatar/own-visitor.ts';
import { loadVisitorBodies, type VisitorBodies } from './avatar/visitor-bodies.ts';
import { Visitors } from './avatar/visitors.ts';
import { Walker } from './avatar/walker.ts';
import { joinRoom } from './net/join-room.ts';
import { loadAhead } from './net/load-ahead.ts';
import { MovePublisher } from './net/publish-moves.ts';
import { type PlayerView, readOpened, readPlayers } from './net/room-state.ts';
import { type Connection, connect } from './talk/connect.ts';
import { Conversation } from './talk/conversation.ts';
import { HEAD_URLS } from './talk/npc-figures.ts';
import { bindOwnHead, HEAD_FILES, type OwnHead } from './talk/own-head.ts';
import { showActions } from './talk/show-actions.ts';
import { createCaptions } from './ui/captions.ts';
import { element } from './ui/element.ts';
import { createHeadDrop } from './ui/head-drop.ts';
import { createHint } from './ui/hint.ts';
import { createJoystick } from './ui/joystick.ts';
import { createMasthead } from './ui/masthead.ts';
import { createMenu } from './ui/menu.ts';
import { howToTalk } from './ui/microphone-words.ts';
import { createPlates } from './ui/plates.ts';
import { createReading } from './ui/reading.ts';
import { createTalkBar } from './ui/talk-bar.ts';
import { showWelcome } from './ui/welcome.ts';
import { createWorld, type World } from './world/create-world.ts';
import { GUIDE, LAYOUT } from './world/layout.ts';
import { PAPERS } from './world/paper-words.ts';
import { QualityGovernor, type QualitySetting } from './world/quality.ts';

const VISITOR_URL = 'heads/visitor.glb';
/** The guide counts as reached at this distance, metres. */
const REACHED_M = 3.6;

/** Where the page draws and writes. */
export interface Stage {
  readonly canvas: HTMLCanvasElement;
  readonly overlay: HTMLElement;
  readonly page: HTMLElement;
}

/** The whole page: world, visitor, room and conversation. */
export class App {
  readonly scene: Scene;
  readonly me: OwnVisitor;
  readonly visitors: Visitors;
  readonly world: World;
  connection: Connection | undefined;
  conversation: Conversation | undefined;
  room: Room | undefined;
  /** Frames drawn so far. */
  frames = 0;
  readonly #engine: Engine;
  readonly #plates;
  readonly #masthead;
  readonly #menu;
  readonly #hint;
  readonly #reading;
  readonly #page: HTMLElement;
  readonly #headDrop;
  readonly #ownHeads = new Map<string, OwnHead>();
  #binding: AbortController | undefined;
  readonly #captions = createCaptions();
  readonly #bar = createTalkBar();
  readonly #governor: QualityGovernor;
  readonly #bodies: VisitorBodies;
  readonly #players = new Map<string, PlayerView>();
  #moves: MovePublisher | undefined;
  readonly #howToTalk = howToTalk();
  #name = '';
  #reachedGuide = false;
  #seconds = 0;

  private constructor(
    stage: Stage,
    engine: Engine,
    scene: Scene,
    bodies: VisitorBodies,
    quality: QualitySetting,
  ) {
    const { canvas, overlay, page } = stage;
    this.#page = page;
    this.#engine = engine;
    this.#bodies = bodies;
    this.scene = scene;
    const stillness = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.world = createWorld(scene, { stillness });
    this.#plates = createPlates(overlay);
    this.visitors = new Visitors(bodies, this.#plates, this.world.cast);
    const { x, z, yaw } = LAYOUT.spawn;
    const rig = new CameraRig(scene, this.world.colliders, yaw);
    const controls = createControls(canvas, rig);
    this.me = new OwnVisitor(new Walker(x, z, yaw), rig, controls, this.world.colliders);
    this.#masthead = createMasthead(page);
    this.#hint = createHint(page);
    this.#reading = createReading(page);
    page.append(element('div', { class: 'dock' }, this.#captions.element, this.#bar.element));
    this.#headDrop = createHeadDrop(page, HEAD_FILES);
    this.#menu = createMenu(page, quality, this.#headDrop.element);
    createJoystick(page, controls.stick);
    this.#governor = new QualityGovernor(engine, quality, (level, profile) => {
      this.world.applyQuality(profile);
      this.#menu.showLevel(level);
    });
    this.#bind(canvas);
    this.#watchDock(page);
    this.#governor.start();
    this.#bar.setEnabled(false);
    this.#bar.setAddressee('', false);
    engine.runRenderLoop(() => this.#frame());
    new ResizeObserver(() => engine.resize()).observe(canvas);
  }

  /**
   * Opens the door: loads the hall while the visitor types a name, then joins.
   * @throws Error when the browser has no WebGL 2.
   */
  static async open(stage: Stage, quality: QualitySetting): Promise<App> {
    const welcome = showWelcome(stage.page);
    const engine = new Engine(stage.canvas, quality !== 'low', {
      stencil: false,
      powerPreference: 'high-performance',
    });
    if (engine.version < 2) throw new Error('WebGL 2 is missing');
    const scene = new Scene(engine);
    const ahead = loadAhead([...HEAD_URLS, VISITOR_URL], (share) =>
      welcome.progress(0.1 + 0.9 * share, 'Loading the hall'),
    );
    const bodies = await loadVisitorBodies(scene, VISITOR_URL);
    const app = new App(stage, engine, scene, bodies, quality);
    ahead.then(() => welcome.progress(1, ''));
    void welcome.entered.then((name) => {
      app.#name = name;
      stage.canvas.focus({ preventScroll: true });
      void app.join();
    });
    return app;
  }

  /** Joins the room, also again after the connection was lost. */
  async join(): Promise<void> {
    this.#leave();
    this.#masthead.show('connecting', 'Connecting');
    try {
      const room = await joinRoom(this.#name);
      this.room = room;
      this.#watchRoom(room);
      this.me.dress(this.#bodies, room.sessionId, this.world.cast);
      this.#moves = new MovePublisher(room);
      await this.#wake(room);
    } catch (error) {
      this.#leave();
      this.#masthead.show('lost', error instanceof Error ? error.message : String(error));
      console.error(error);
    }
  }

  /** Brings the room's NPCs into the hall. */
  async #wake(room: Room): Promise<void> {
    this.connection = await connect(this.scene, room, {
      plates: this.#plates,
      cast: this.world.cast,
      ownHeads: this.#ownHeads,
      placeOf: (sessionId) => (sessionId === room.sessionId ? this.me.seenAt : this.#players.get(sessionId)),
      onProgress: (share) =>
        this.#masthead.show('connecting', `Waking the guides: ${Math.floor(share * 100)} %`),
    });
    const { parley, figures } = this.connection;
    this.conversation = new Conversation(
      parley,
      figures,
      this.#bar,
      this.#captions,
      (sessionId) => this.#players.get(sessionId)?.name ?? 'somebody',
    );
    showActions(
      parley.client,
      this.world,
      this.#captions,
      (sessionId) => (sessionId === room.sessionId ? this.me.walker : this.#players.get(sessionId)),
      (npcId) => figures.find(({ id }) => id === npcId),
      (sessionId, item) => {
        if (sessionId === room.sessionId && item in PAPERS) this.#reading.show(PAPERS[item]);
      },
    );
    // Who stands on a plinth or a counter is in the way with it.
    this.world.colliders.figures = figures.filter(({ walks }) => walks);
    for (const { npc } of figures) npc.volume = this.#menu.volume;
    this.#bar.setEnabled(true);
    this.#showConnected();
  }

  /** Gives a head that the visitor brought to the NPC that they talk to, else to the last one, the bust. */
  async wearHead(file: File): Promise<void> {
    const { connection, conversation, room } = this;
    if (!connection || !room) return;
    const figure = conversation?.addressee ?? connection.figures[connection.figures.length - 1];
    this.#binding?.abort();
    const binding = new AbortController();
    this.#binding = binding;
    const say = (words: string, working: boolean): void => this.#headDrop.show(words, working);
    try {
      say('Reading your head', true);
      const words = (text: string): void => say(text, true);
      const ask = async (question: FaceQuestion, why: string): Promise<boolean> => {
        say('', false);
        // Only whose head is hard to read needs it.
        const { askForPoints } = await import('./ui/face-points.ts');
        return askForPoints(this.#page, question, why, binding.signal);
      };
      const head = await bindOwnHead(this.scene, connection.parley.model, file, words, ask, binding.signal);
      this.#ownHeads.set(figure.id, head);
      if (this.connection === connection) {
        this.conversation?.dispose();
        connection.dispose();
        await this.#wake(room);
      }
      say('', false);
    } catch (error) {
      if (binding.signal.aborted) say('', false);
      else say(error instanceof Error ? error.message : String(error), false);
    }
  }

  #bind(canvas: HTMLCanvasElement): void {
    const bar = this.#bar;
    bar.onHold = (held) => this.conversation?.hold(held);
    bar.onToggleOpen = () => this.conversation?.toggleOpen();
    bar.onSay = (text) => this.conversation?.say(text);
    bar.onNext = () => this.#next();
    bar.onLeaveText = () => canvas.focus({ preventScroll: true });
    this.#headDrop.onHead = (file) => void this.wearHead(file);
    this.#headDrop.onCancel = () => this.#binding?.abort();
    this.#masthead.onReconnect = () => void this.join();
    this.#menu.onQuality = (setting) => this.#governor.choose(setting);
    this.#menu.onCaptions = (shown) => this.#captions.setShown(shown);
    this.#menu.onVolume = (volume) => {
      for (const { npc } of this.connection?.figures ?? []) npc.volume = volume;
    };
    addEventListener('keydown', (event) => this.#keyDown(event, canvas));
    addEventListener('keyup', (event) => {
      if (event.code === 'Space') this.conversation?.hold(false);
    });
    addEventListener('blur', () => this.conversation?.hold(false));
  }

  #keyDown(event: KeyboardEvent, canvas: HTMLCanvasElement): void {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || ownsKeys(event.target)) {
      if (event.repeat && event.code === 'Space' && !ownsKeys(event.target)) event.preventDefault();
      return;
    }
    const onControl = event.target instanceof HTMLElement && event.target.closest('button, summary') !== null;
    const inHall = !onControl || event.target === canvas;
    if (event.code === 'Space' && (inHall || (event.target as HTMLElement).classList.contains('hold'))) {
      event.preventDefault();
      this.conversation?.hold(true);
    } else if (event.code === 'Enter' && inHall) {
      event.preventDefault();
      this.#bar.focusText();
    } else if (event.code === 'KeyM' && inHall) this.conversation?.toggleOpen();
    else if (event.code === 'Escape' && inHall) this.#bar.focusText();
    else if (event.code === 'Tab' && !event.shiftKey && event.target === canvas && this.#next())
      event.preventDefault();
  }

  #next(): boolean {
    return this.conversation?.next(this.me.walker.x, this.me.walker.z) ?? false;
  }

  /** Keeps what floats above the dock clear of it. */
  #watchDock(page: HTMLElement): void {
    new ResizeObserver(([entry]) => {
      page.style.setProperty('--dock-height', `${Math.round(entry.contentRect.height + 20)}px`);
    }).observe(this.#bar.element);
  }

  #watchRoom(room: Room): void {
    const current = (): boolean => this.room === room;
    const receive = (): void => {
      if (!current()) return;
      readPlayers(room.state, this.#players);
      const opened = readOpened(room.state);
      this.world.shop.open = opened.some((thing) => /cabinet|shop/u.test(thing));
      this.world.gate.open = opened.some((thing) => /^(?:gate|door|entrance)$/u.test(thing));
      this.visitors.receive(this.#players, room.sessionId, performance.now());
      if (this.conversation) this.#showConnected();
    };
    room.onStateChange(receive);
    room.onStateChange.once(() => {
      const own = this.#players.get(room.sessionId);
      if (own && current()) this.me.place(own.x, own.z, own.yaw);
    });
    room.onDrop(() => {
      if (current()) this.#masthead.show('connecting', 'Connection lost, trying again');
    });
    room.onReconnect(() => {
      if (current()) this.#showConnected();
    });
    room.onLeave(() => {
      if (!current()) return;
      this.#leave();
      this.#masthead.show('lost', 'Disconnected');
    });
  }

  #showConnected(): void {
    const count = this.visitors.count + 1;
    this.#masthead.show('connected', count === 1 ? 'You are the only visitor' : `${count} visitors here`);
  }

  #leave(): void {
    const { room, conversation, connection } = this;
    this.room = undefined;
    this.conversation = undefined;
    this.connection = undefined;
    this.#moves = undefined;
    this.world.colliders.figures = [];
    conversation?.dispose();
    connection?.dispose();
    this.visitors.clear();
    this.#players.clear();
    this.#bar.setEnabled(false);
    this.#bar.setAddressee('', false);
    this.#bar.setActivity('quiet', '');
    if (room?.connection.isOpen) void room.leave();
  }

  #frame(): void {
    const deltaMs = this.#engine.getDeltaTime();
    const seconds = Math.min(0.1, deltaMs / 1000);
    const nowMs = performance.now();
    this.#seconds += seconds;
    this.frames++;
    const { walker, rig } = this.me;
    this.me.tick(seconds, this.conversation?.addressee ?? null, this.#engine.getScreenAspectRatio());
    this.visitors.tick(nowMs, seconds);
    this.#moves?.publish(nowMs, walker.x, walker.z, walker.yaw);
    this.conversation?.tick(nowMs, seconds, walker.x, walker.z, rig.yaw);
    this.#guide();
    this.world.tick(this.#seconds);
    this.scene.render();
    this.#plates.update(
      rig.camera,
      this.scene.getEngine().getRenderingCanvasClientRect()?.width ?? 1,
      this.scene.getEngine().getRenderingCanvasClientRect()?.height ?? 1,
    );
    this.#governor.frame(deltaMs);
  }

  /** The first steps: the lit path until the guide is reached, then how to talk, then nothing. */
  #guide(): void {
    const { walker } = this.me;
    const guide = this.connection?.figures.find(({ id }) => id === GUIDE);
    if (!guide || !this.conversation) {
      this.#hint.show('');
      return;
    }
    const addressee = this.conversation.addressee;
    const near = Math.hypot(guide.x - walker.x, guide.z - walker.z) < REACHED_M;
    if (near || (addressee && addressee !== guide)) this.#reachedGuide = true;
    const arrived = this.#reachedGuide || this.conversation.spoken;
    this.world.trail.strength = arrived ? 0 : 0.9;
    if (this.conversation.spoken) this.#hint.show('');
    else if (addressee) this.#hint.show(`Ask ${addressee.name} something: ${this.#howToTalk}, or type.`);
    else if (this.#reachedGuide) this.#hint.show('');
    else this.#hint.show(`Follow the lit path to ${guide.name}, your guide.`);
  }
}
