/** Draws a base64 JPEG on a canvas: no data: or blob: address, which the content security policy refuses. */
export function drawJpeg(base64: string): (canvas: HTMLCanvasElement) => () => void {
  return (canvas) => {
    let gone = false;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }))
      .then((bitmap) => {
        if (!gone) {
          canvas.width = bitmap.width;
          canvas.height = bitmap.height;
          canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
          canvas.dataset['drawn'] = 'true';
        }
        bitmap.close();
      })
      .catch(() => undefined);
    return () => {
      gone = true;
      canvas.width = 1;
      canvas.height = 1;
    };
  };
}
