/** Help: what the keys do, and what this page is. */
import type { JSX } from 'preact';
import { language } from '../state/settings.ts';
import { text } from '../text/texts.ts';

const keys: readonly (readonly [string, string, string])[] = [
  ['Space', '播放或暂停', 'play or pause'],
  ['→ ←', '前进、后退一步', 'one step on, one step back'],
  ['Shift + → ←', '下一次、上一次状态变化', 'next, previous change of a state'],
  ['PageDown PageUp', '下一步、上一步讲解', 'next, previous explained step'],
  ['Home End', '开头、末尾', 'beginning, end'],
  ['[ ]', '慢一点、快一点', 'slower, faster'],
  ['L', '回到最后', 'to the end'],
  ['D', '丢掉选中的（或下一个）报文段', 'drop the selected segment, or the next one'],
  ['T', '换一种标号：x y u v w、J K、相对、真实', 'other labels: x y u v w, J K, relative, raw'],
  ['1 – 9', '场景 1 至 9', 'scenarios 1 to 9'],
  ['/', '搜索场景', 'search scenarios'],
  ['G', '术语', 'glossary'],
  ['?', '本帮助', 'this help'],
  ['Esc', '关闭、取消选择', 'close, select nothing'],
  ['Tab ↑ ↓ Enter', '在时序图里选报文段，打开它的菜单', 'choose a segment in the ladder, open its menu'],
  ['← → Home End', '在滑块上：改变链路或参数，而不是走步', 'on a slider: change the link instead of stepping'],
  [
    'Click',
    '点报文段，手机上长按：丢弃、延迟、复制、扣留、损坏',
    'click a segment, or hold a finger on it: drop, delay, duplicate, hold, corrupt',
  ],
];

export function Help(): JSX.Element {
  const t = text.value;
  const isChinese = language.value === 'zh';
  return (
    <>
      <h2>{t.help}</h2>
      <p>
        <b>{t.real}</b>
        {isChinese ? '。' : '. '}
        {t.realMore}
      </p>
      <p>
        {isChinese
          ? '往回拖就是重放；在过去点“丢弃”之类的操作，历史从那里改写，地址栏里的链接随之改变，浏览器的“后退”就是撤销。'
          : 'Going back is a replay. What you do in the past makes history go another way from there; the address changes with it, and the browser’s Back takes it back.'}
      </p>
      <dl class="keys">
        {keys.map(([key, zh, en]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{isChinese ? zh : en}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
