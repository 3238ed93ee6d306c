// Chinese words for what the drawing libraries' own catalogues leave in English.

export const own = {
  "Search in diagram": "在图中查找",
  "Toggle keyboard move": "用键盘移动",
};

// Token simulation does not ask for translations: its buttons and notes are reworded after they were drawn.
export const simulation = {
  "Token Simulation": "令牌模拟",
  "Toggle Simulation": "开始或结束模拟",
  "Play/Pause Simulation": "继续或暂停",
  "Play Simulation": "继续",
  "Pause Simulation": "暂停",
  "Reset Simulation": "重新开始",
  "Show Simulation Log": "显示记录",
  "Toggle Simulation Log": "显示或收起记录",
  "Simulation Log": "模拟记录",
  "No Entries": "没有记录",
  "Set Animation Speed = Slow": "慢速",
  "Set Animation Speed = Normal": "中速",
  "Set Animation Speed = Fast": "快速",
  "Trigger Event": "触发事件",
  "Continue Simulation": "继续",
  "Add pause point": "设置暂停点",
  "Remove pause point": "去掉暂停点",
  "Set Sequence Flow": "选择走哪条线",
  "View Process Instance": "查看这次运行",
};
